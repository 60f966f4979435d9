"""What whoever looks at a board hears; how it reaches them is in tests/realtime."""

from django.utils import timezone

from backend.boards.actions import close_task, create_task, edit_task, move_task
from backend.boards.claims import claim_task, expire_claim, release_claim, review_work, submit_work
from backend.boards.models import Board, Claim, Task
from backend.core.models import RecordedEvent
from backend.projects.models import Project, ProjectStatus
from schema.cursors import decode, encode
from tests import cast as people
from tests.asking import ask, id_of, spelled
from tests.cast import Cast
from tests.schema.member.boards.shown import parts
from tests.schema.member.following import follow
from tests.schema.member.projects.shown import person


def heard(cast: Cast, viewer, **more) -> list[dict]:
    return [
        answer["data"]["boardEvents"]
        for answer in follow("BoardLive", viewer, boardId=id_of(cast.board), **more)
    ]


def test_everything_that_happens_on_a_board_is_told_in_order(cast: Cast):
    board = Board.objects.create(project=cast.project, title="Autumn")
    task = create_task(board_id=board.pk, by=cast.bo, title="Prune", slots=3)
    edit_task(task_id=task.pk, by=cast.ana, expected_version=1, title="Prune the pear")
    move_task(task_id=task.pk, by=cast.bo, after_task_id=None)
    mine, theirs, late = (claim_task(task_id=task.pk, by=by) for by in (cast.cy, cast.sol, cast.ana))
    release_claim(claim_id=mine.pk, by=cast.cy)
    release_claim(claim_id=theirs.pk, by=cast.bo)
    Claim.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    expire_claim(claim_id=late.pk)
    claim = claim_task(task_id=task.pk, by=cast.cy)
    submit_work(claim_id=claim.pk, by=cast.cy)
    review_work(claim_id=claim.pk, by=cast.bo, verdict="REQUEST_CHANGES")
    close_task(task_id=task.pk, by=cast.bo)

    told = [answer["data"]["boardEvents"] for answer in follow("BoardLive", cast.cy, boardId=id_of(board))]

    # Each shows the task as it is when it is told: what a client last hears is what is.
    now = parts(task, cast.cy, ["RELEASE", "SUBMIT", "COMMENT"], state="CLOSED")
    whole = {"task": now}
    expected = [
        ("TaskCreated", cast.bo, whole),
        ("TaskEdited", cast.ana, whole),
        ("TaskMoved", cast.bo, {"task": {"id": now["id"], "position": now["position"]}}),
        *(("TaskClaimed", by, whole) for by in (cast.cy, cast.sol, cast.ana)),
        ("ClaimReleased", cast.cy, whole | {"reason": "GIVEN_UP"}),
        ("ClaimReleased", cast.bo, whole | {"reason": "REVOKED"}),
        ("ClaimReleased", None, whole | {"reason": "EXPIRED"}),
        ("TaskClaimed", cast.cy, whole),
        ("WorkSubmitted", cast.cy, whole),
        ("WorkReviewed", cast.bo, whole | {"verdict": "REQUEST_CHANGES"}),
        ("TaskClosed", cast.bo, {"task": {"id": now["id"], "state": "CLOSED"}}),
    ]
    assert [decode(event.pop("cursor"), f"board:{board.pk}") for event in told] == [
        [seq] for seq in range(1, len(expected) + 1)
    ]
    when = RecordedEvent.objects.order_by("seq").values_list("occurred_at", flat=True)
    assert told == [
        {"__typename": kind, "actor": person(by) if by else None, "occurredAt": spelled(moment)} | facts
        for (kind, by, facts), moment in zip(expected, when, strict=True)
    ]


def test_one_hears_what_came_after_what_one_has_read(cast: Cast):
    claim_task(task_id=cast.task.pk, by=cast.bo)
    page = ask("BoardPage", cast.cy, id=id_of(cast.board), first=5)["data"]["board"]
    assert heard(cast, cast.cy, after=page["cursor"]) == []

    close_task(task_id=cast.task.pk, by=cast.ana)

    (event,) = heard(cast, cast.cy, after=page["cursor"])
    assert event["__typename"] == "TaskClosed"
    assert heard(cast, cast.cy, after=event["cursor"]) == []


def test_who_was_away_for_too_long_is_told_to_read_anew(cast: Cast):
    for title in ("Sow", "Weed", "Pick"):
        edit_task(task_id=cast.task.pk, by=cast.ana, title=title, expected_version=Task.objects.get().version)
    after = encode(f"board:{cast.board.pk}", 0)

    (event,) = heard(cast, cast.cy, after=after, keeps=2)

    assert decode(event["cursor"], f"board:{cast.board.pk}") == [3]
    assert (event["__typename"], event["reason"], event["actor"]) == ("ResyncRequired", "TOO_OLD", None)


def test_a_board_is_heard_by_who_sees_it(cast: Cast):
    claim_task(task_id=cast.task.pk, by=cast.cy)
    assert [len(heard(cast, viewer)) for viewer in (None, cast.cy, cast.sol)] == [1, 1, 1]
    Project.objects.filter(pk=cast.project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)
    assert [len(heard(cast, viewer)) for viewer in (cast.bo, cast.sol)] == [1, 1]
    for viewer in (None, cast.cy):
        (answer,) = follow("BoardLive", viewer, boardId=id_of(cast.board))
        assert [error["extensions"] for error in answer["errors"]] == [{"code": "NOT_FOUND"}]


def test_a_board_that_is_not_there_says_nothing(cast: Cast):
    ids = ("garbage", "", id_of(cast.project), id_of(Board(pk=10**12)))
    answers = [follow("BoardLive", cast.cy, boardId=id) for id in ids]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0]["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


def test_a_place_in_another_stream_is_refused(cast: Cast):
    other = Board.objects.create(project=cast.project, title="Autumn")
    tasks = ask("BoardPage", cast.cy, id=id_of(cast.board), first=5)["data"]["board"]["tasks"]
    people.task(other)
    for cursor in (
        *("", "garbage", "A" * 1_000, tasks["pageInfo"]["endCursor"]),
        *(encode(f"board:{other.pk}", 0), encode(f"user:{cast.cy.pk}", 0)),
    ):
        (answer,) = follow("BoardLive", cast.cy, boardId=id_of(cast.board), after=cursor)
        assert [error["extensions"] for error in answer["errors"]] == [{"code": "BAD_CURSOR"}], cursor
