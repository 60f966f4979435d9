from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Project, ProjectStatus
from social.comments.actions import add_comment, delete_comment, edit_comment
from social.comments.models import Comment
from tests.cast import Cast
from tests.races import race
from tests.snapshots import refused


def say(cast: Cast) -> Comment:
    return add_comment(kind=Project, subject_id=cast.project.pk, by=cast.cy, body="Which blue?")


@pytest.fixture
def said(cast: Cast, recorded) -> Comment:
    comment = say(cast)
    recorded()
    return comment


def test_a_comment_is_changed_and_says_so(cast: Cast, said: Comment, recorded):
    edited = edit_comment(comment_id=said.pk, by=cast.cy, body="*This* blue? ")

    assert (edited.body, edited.body_html) == ("*This* blue?", "<p><em>This</em> blue?</p>")
    assert abs(edited.edited_at - timezone.now()) < timedelta(seconds=5)
    assert (edited.created_at, edited.author) == (said.created_at, cast.cy)
    facts = {"subject": "project", "subject_id": cast.project.pk, "comment_id": said.pk}
    assert recorded() == [("CommentEdited", f"thread:project:{cast.project.pk}", 2, facts)]


def test_nobody_puts_words_into_anothers_mouth(cast: Cast, said: Comment):
    for by in (cast.ana, cast.bo, cast.sol):
        with refused(NotFound) as answer:
            edit_comment(comment_id=said.pk, by=by, body="I agree.")
        assert str(answer.value) == NotFound.message
    for pk in (0, -1, 2**62, 2**70):
        with refused(NotFound):
            edit_comment(comment_id=pk, by=cast.cy, body="Hello")


def test_what_was_taken_back_is_not_changed_any_more(cast: Cast, said: Comment):
    delete_comment(comment_id=said.pk, by=cast.cy)
    with refused(NotFound):
        edit_comment(comment_id=said.pk, by=cast.cy, body="After all")


def test_what_one_does_not_see_any_more_one_does_not_change(cast: Cast, said: Comment):
    Project.objects.update(status=ProjectStatus.DRAFT, launched_at=None)
    with refused(NotFound):
        edit_comment(comment_id=said.pk, by=cast.cy, body="x")
    with refused(NotFound):
        delete_comment(comment_id=said.pk, by=cast.cy)


@pytest.mark.parametrize("body", ["", " ", "x" * 10_001, "a\0"])
def test_what_cannot_be_said_is_refused(cast: Cast, said: Comment, body: str):
    with refused(Invalid, "body"):
        edit_comment(comment_id=said.pk, by=cast.cy, body=body)


def test_editing_and_taking_back_at_once_never_leave_words_in_an_empty_place(racing_cast: Cast, recorded):
    said = say(racing_cast)

    def act(number: int) -> Comment:
        if number == 0:
            return delete_comment(comment_id=said.pk, by=racing_cast.cy)
        return edit_comment(comment_id=said.pk, by=racing_cast.cy, body=f"Blue {number}?")

    out = race(act, range(8))

    stored = Comment.objects.get(pk=said.pk)
    assert (stored.body, stored.body_html) == ("", "")
    assert set(out) <= {"Comment", "NotFound"}
    kinds = [kind for kind, *_ in recorded()]
    assert kinds == ["CommentAdded", *["CommentEdited"] * (len(kinds) - 2), "CommentDeleted"]
