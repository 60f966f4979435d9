from datetime import timedelta

import pytest
from django.utils import timezone

from backend.boards.models import Task
from backend.core.refusals import NotFound
from backend.projects.models import Project
from social.comments.actions import add_comment, delete_comment
from social.comments.models import Comment
from social.updates.models import Update
from tests.cast import Cast
from tests.races import race
from tests.snapshots import refused


@pytest.mark.parametrize("kind", [Project, Update, Task])
def test_a_comment_that_is_taken_back_leaves_an_empty_place(cast: Cast, kind: type, recorded):
    if kind is Update:
        Update.objects.create(
            project=cast.project, author=cast.ana, title="News", body="x", published_at=timezone.now()
        )
    thing = kind.objects.get()
    said = add_comment(kind=kind, subject_id=thing.pk, by=cast.cy, body="Which blue?")
    reply = add_comment(kind=kind, subject_id=thing.pk, by=cast.ana, body="This.", parent_id=said.pk)
    recorded()

    deleted = delete_comment(comment_id=said.pk, by=cast.cy)

    assert (deleted.body, deleted.body_html, deleted.reply_count) == ("", "", 1)
    assert abs(deleted.deleted_at - timezone.now()) < timedelta(seconds=5)
    assert deleted.author == cast.cy, "it is known who it was, and shown to nobody"
    assert Comment.objects.visible_to(None).count() == 2, "the place stays, and the reply with it"
    assert Comment.objects.get(pk=reply.pk).parent == deleted
    thing.refresh_from_db()
    assert thing.comment_count == 1
    subject = kind.__name__.lower()
    facts = {"subject": subject, "subject_id": thing.pk, "comment_id": said.pk}
    assert recorded() == [("CommentDeleted", f"thread:{subject}:{thing.pk}", 3, facts)]


def test_nobody_takes_back_what_another_said_and_nobody_takes_it_back_twice(cast: Cast):
    said = add_comment(kind=Project, subject_id=cast.project.pk, by=cast.cy, body="Which blue?")
    for by in (cast.ana, cast.bo, cast.sol):
        with refused(NotFound):
            delete_comment(comment_id=said.pk, by=by)
    for pk in (0, -1, 2**62, 2**70):
        with refused(NotFound):
            delete_comment(comment_id=pk, by=cast.cy)
    delete_comment(comment_id=said.pk, by=cast.cy)
    with refused(NotFound) as answer:
        delete_comment(comment_id=said.pk, by=cast.cy)
    assert str(answer.value) == NotFound.message


def test_of_eight_clicks_at_once_one_takes_it_back(racing_cast: Cast, recorded):
    said = add_comment(kind=Project, subject_id=racing_cast.project.pk, by=racing_cast.cy, body="Which blue?")

    out = race(lambda _: delete_comment(comment_id=said.pk, by=racing_cast.cy), range(8))

    assert sorted(out) == ["Comment"] + ["NotFound"] * 7
    assert Project.objects.get(pk=racing_cast.project.pk).comment_count == 0
    assert [kind for kind, *_ in recorded()] == ["CommentAdded", "CommentDeleted"]
