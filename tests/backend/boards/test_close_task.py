from datetime import timedelta

from django.utils import timezone

from backend.boards.actions import close_task
from backend.boards.claims import claim_task, release_claim, review_work, submit_work
from backend.boards.models import Claim, ClaimState, Task, TaskState
from backend.core.refusals import NotFound
from backend.projects.models import Membership, Role
from tests.cast import Cast
from tests.races import race
from tests.snapshots import refused, snapshot


def test_the_team_takes_no_more_work(cast: Cast, recorded):
    closed = close_task(task_id=cast.task.pk, by=cast.bo)

    assert (closed.state, closed.version) == (TaskState.CLOSED, 2)
    assert abs(closed.closed_at - timezone.now()) < timedelta(seconds=5)
    facts = {"board_id": cast.board.pk, "task_id": cast.task.pk}
    assert recorded() == [("TaskClosed", f"board:{cast.board.pk}", 1, facts)]


def test_closing_twice_is_the_same_as_once(cast: Cast):
    close_task(task_id=cast.task.pk, by=cast.ana)
    before = snapshot()
    assert close_task(task_id=cast.task.pk, by=cast.bo).state == TaskState.CLOSED
    assert snapshot() == before


def test_whoever_holds_a_closed_task_may_finish_or_leave(cast: Cast):
    Task.objects.filter(pk=cast.task.pk).update(slots=2)
    of_cy, of_bo = (claim_task(task_id=cast.task.pk, by=by) for by in (cast.cy, cast.bo))
    close_task(task_id=cast.task.pk, by=cast.ana)

    release_claim(claim_id=of_bo.pk, by=cast.bo)
    submit_work(claim_id=of_cy.pk, by=cast.cy)
    review_work(claim_id=of_cy.pk, by=cast.ana, verdict="ACCEPT")

    assert Claim.objects.get(pk=of_cy.pk).state == ClaimState.ACCEPTED
    task = Task.objects.get(pk=cast.task.pk)
    assert (task.state, task.accepted_count, task.open_slots) == (TaskState.CLOSED, 1, 1)


def test_whoever_does_not_run_the_board_closes_nothing(cast: Cast):
    Membership.objects.create(project=cast.project, user=cast.cy, role=Role.EDITOR)
    for pk, by in ((cast.task.pk, cast.cy), (cast.task.pk, cast.sol), (0, cast.ana), (2**70, cast.ana)):
        with refused(NotFound):
            close_task(task_id=pk, by=by)


def test_of_eight_who_close_at_once_one_is_told(racing_cast: Cast, recorded):
    assert (
        race(lambda _: close_task(task_id=racing_cast.task.pk, by=racing_cast.ana), range(8)) == ["Task"] * 8
    )
    assert [(kind, seq) for kind, _, seq, _ in recorded()] == [("TaskClosed", 1)]
    assert Task.objects.get(pk=racing_cast.task.pk).version == 2
