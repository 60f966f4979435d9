import pytest
from django.utils import timezone

from backend.boards.models import Task
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Project, ProjectStatus
from social.comments.actions import add_comment, delete_comment
from social.comments.models import DEEPEST, Comment
from social.updates.models import Update
from tests import cast as people
from tests.cast import Cast, person, project
from tests.races import answers, race
from tests.snapshots import refused


def update(cast: Cast, **facts: object) -> Update:
    return Update.objects.create(
        **{
            "project": cast.project,
            "author": cast.ana,
            "title": "News",
            "published_at": timezone.now(),
            **facts,
        }
    )


def say(cast: Cast, body: str = "Hello", parent: Comment | None = None) -> Comment:
    return add_comment(
        kind=Project,
        subject_id=cast.project.pk,
        by=cast.cy,
        body=body,
        parent_id=parent.pk if parent else None,
    )


@pytest.mark.parametrize("subject", ["project", "update", "task"])
def test_something_is_said_under_a_subject(cast: Cast, subject: str, recorded):
    thing = {"project": cast.project, "update": update(cast), "task": cast.task}[subject]

    said = add_comment(kind=type(thing), subject_id=thing.pk, by=cast.cy, body=" Which *blue*?\r\n<b> ")

    stored = Comment.objects.get(pk=said.pk)
    assert (stored.author, stored.body, stored.body_html) == (
        cast.cy,
        "Which *blue*?\n<b>",
        "<p>Which <em>blue</em>?\n&lt;b&gt;</p>",
    )
    assert {
        field: getattr(stored, field) for field in ("project", "update", "task") if getattr(stored, field)
    } == {subject: thing}
    assert (stored.parent, stored.depth, stored.reply_count, stored.edited_at) == (None, 0, 0, None)
    thing.refresh_from_db()
    assert thing.comment_count == 1
    facts = {"subject": subject, "subject_id": thing.pk, "comment_id": said.pk}
    assert recorded() == [("CommentAdded", f"thread:{subject}:{thing.pk}", 1, facts)]


def test_a_reply_stands_below_what_it_answers(cast: Cast):
    first = say(cast)
    reply = say(cast, parent=first)

    assert (reply.parent, reply.depth) == (first, 1)
    first.refresh_from_db()
    assert (first.reply_count, Project.objects.get(pk=cast.project.pk).comment_count) == (1, 2)


def test_a_thread_is_never_deeper_than_five(cast: Cast):
    chain = [say(cast)]
    for _ in range(40):
        chain.append(say(cast, parent=chain[-1]))

    assert [comment.depth for comment in chain[:7]] == [0, 1, 2, 3, 4, 5, 5]
    assert {comment.depth for comment in chain[5:]} == {DEEPEST}
    assert {comment.parent_id for comment in chain[5:]} == {chain[4].pk}
    assert list(
        Comment.objects.filter(pk__in=[one.pk for one in chain[:6]]).values_list("reply_count", flat=True)
    ) == [
        *(1, 1, 1, 1, 36),
        0,
    ]


def test_what_one_does_not_see_is_not_there_to_comment_on(cast: Cast):
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    for kind, pk in (
        (Project, draft.pk),
        (Update, update(cast, published_at=None).pk),
        (Update, update(cast, audience="TEAM").pk),
        (Update, update(cast, audience="FOLLOWERS").pk),
        *((kind, pk) for kind in (Project, Update, Task) for pk in (0, -1, 2**62, 2**70)),
    ):
        with refused(NotFound) as answer:
            add_comment(kind=kind, subject_id=pk, by=cast.cy, body="Hello")
        assert str(answer.value) == NotFound.message


def test_only_a_standing_comment_of_the_same_thread_can_be_answered(cast: Cast):
    elsewhere = add_comment(kind=Task, subject_id=cast.task.pk, by=cast.cy, body="Elsewhere")
    other = project(cast.bo, "Other")
    on_other = add_comment(kind=Project, subject_id=other.pk, by=cast.cy, body="Elsewhere")
    taken_back = say(cast)
    delete_comment(comment_id=taken_back.pk, by=cast.cy)
    for pk in (elsewhere.pk, on_other.pk, taken_back.pk, 0, -1, 2**62, 2**70):
        with refused(NotFound, "parentId"):
            add_comment(kind=Project, subject_id=cast.project.pk, by=cast.cy, body="Hello", parent_id=pk)


@pytest.mark.parametrize(
    "body", ["", "  \n\t ", "\u200d", "x" * 10_001, "a\0b", "\ud800", "a\u202eb", "\x1b[31m"]
)
def test_what_cannot_be_said_is_refused(cast: Cast, body: str):
    with refused(Invalid, "body"):
        say(cast, body)


@pytest.mark.parametrize(
    "body", ["x" * 10_000, "<script>alert(1)</script>", "=HYPERLINK(0)", "[" * 9_000, "👩‍🌾"]
)
def test_anything_else_is_stored_as_it_was_said(cast: Cast, body: str):
    assert Comment.objects.get(pk=say(cast, body).pk).body == body


def test_saying_something_takes_as_many_statements_as_it_always_did(cast: Cast, django_assert_num_queries):
    # Look; say; count; number, event, mark, job. A reply looks for its parent, and is counted there. And a savepoint
    # where a real transaction would be.
    with django_assert_num_queries(7 + 2):
        first = say(cast)
    with django_assert_num_queries(9 + 2):
        say(cast, parent=first)


def test_sixteen_who_speak_at_once_are_all_heard_and_counted(racing_cast: Cast, recorded):
    first = say(racing_cast)
    recorded()
    speakers = [(person(f"speaker{number}"), first.pk if number % 2 else None) for number in range(16)]

    out = race(
        lambda one: add_comment(
            kind=Project, subject_id=racing_cast.project.pk, by=one[0], body="Hello", parent_id=one[1]
        ),
        speakers,
    )

    assert out == ["Comment"] * 16
    assert Project.objects.get(pk=racing_cast.project.pk).comment_count == 17
    assert Comment.objects.get(pk=first.pk).reply_count == 8
    assert [seq for _, _, seq, _ in recorded()] == list(range(2, 18))


def test_speaking_and_taking_back_at_once_leave_the_count_right(racing_cast: Cast):
    mine = [say(racing_cast, f"Comment {number}") for number in range(8)]

    def act(number: int) -> Comment:
        if number % 2:
            return say(racing_cast, parent=mine[(number + 1) % 8])
        return delete_comment(comment_id=mine[number // 2].pk, by=racing_cast.cy)

    out = answers(act, range(16))

    # A reply to what is being taken back is said, or comes too late.
    assert {type(answer) for answer in out} <= {Comment, NotFound}
    standing = Comment.objects.standing()
    assert Project.objects.get(pk=racing_cast.project.pk).comment_count == standing.count()
    for comment in Comment.objects.all():
        assert comment.reply_count == comment.replies.count()


def test_a_task_does_not_change_by_being_talked_about(cast: Cast):
    task = people.task(cast.board)
    add_comment(kind=Task, subject_id=task.pk, by=cast.cy, body="Hello")
    assert Task.objects.get(pk=task.pk).version == 1
