import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from backend.accounts.blocks import Block
from backend.accounts.models import CLAIMS_AT_ONCE, User
from backend.boards.claims import (
    ClaimLost,
    TaskIsClosed,
    TaskTaken,
    TooManyClaims,
    claim_task,
    release_claim,
    review_work,
    submit_work,
)
from backend.boards.models import Claim, ClaimState, Task, TaskState, task_permissions
from backend.core.models import RecordedEvent
from backend.core.refusals import NotFound
from backend.projects.models import Project, ProjectStatus, project_permissions
from tests import cast as people
from tests.cast import Cast
from tests.races import after_a_wait, answers, race
from tests.snapshots import refused, snapshot


def test_a_stranger_claims_an_open_task(cast: Cast, recorded):
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)

    task = Task.objects.get(pk=cast.task.pk)
    assert (claim.state, claim.claimant, task.state, task.open_slots, task.version) == (
        ClaimState.CLAIMED,
        cast.cy,
        TaskState.CLAIMED,
        0,
        2,
    )
    assert abs(claim.expires_at - timezone.now() - timedelta(hours=72)) < timedelta(seconds=5)
    facts = {"board_id": cast.board.pk, "task_id": task.pk, "claim_id": claim.pk, "claimant_id": cast.cy.pk}
    assert recorded() == [("TaskClaimed", f"board:{cast.board.pk}", 1, facts)]


def test_whoever_claims_twice_gets_the_same_claim_and_nothing_is_told_twice(cast: Cast):
    first = claim_task(task_id=cast.task.pk, by=cast.cy)
    before = snapshot()

    assert claim_task(task_id=cast.task.pk, by=cast.cy) == first
    assert snapshot() == before


@pytest.mark.parametrize("verdict", [None, "REQUEST_CHANGES", "ACCEPT"])
def test_whoever_handed_in_their_work_still_holds_their_place(cast: Cast, verdict: str | None):
    held = claim_task(task_id=cast.task.pk, by=cast.cy)
    submit_work(claim_id=held.pk, by=cast.cy)
    if verdict:
        review_work(claim_id=held.pk, by=cast.ana, verdict=verdict)
    before = snapshot()
    assert claim_task(task_id=cast.task.pk, by=cast.cy) == held
    assert snapshot() == before


def test_a_place_that_was_given_up_may_be_taken_again_even_by_who_gave_it_up(cast: Cast):
    first = claim_task(task_id=cast.task.pk, by=cast.cy)
    release_claim(claim_id=first.pk, by=cast.cy)
    second = claim_task(task_id=cast.task.pk, by=cast.cy)
    assert second != first
    assert list(Claim.objects.values_list("pk", "state")) == [(first.pk, "RELEASED"), (second.pk, "CLAIMED")]


def test_the_last_place_is_taken_once(cast: Cast):
    claim_task(task_id=cast.task.pk, by=cast.cy)
    with refused(TaskTaken) as answer:
        claim_task(task_id=cast.task.pk, by=cast.bo)
    assert answer.value.code == "TAKEN"


def test_a_closed_task_is_not_claimed(cast: Cast):
    Task.objects.filter(pk=cast.task.pk).update(closed_at=timezone.now())
    with refused(TaskIsClosed) as answer:
        claim_task(task_id=cast.task.pk, by=cast.cy)
    assert answer.value.code == "CLOSED"


def test_a_task_of_a_draft_looks_as_if_it_did_not_exist(cast: Cast):
    Project.objects.filter(pk=cast.project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)
    for task_id in (cast.task.pk, 0, -1, 2**62, 2**70):
        with refused(NotFound) as answer:
            claim_task(task_id=task_id, by=cast.cy)
        assert str(answer.value) == NotFound.message


@pytest.mark.parametrize(
    "is_blocker", [True, False], ids=["has blocked the owner", "was blocked by the owner"]
)
def test_whoever_has_a_block_with_the_owner_takes_nothing_on(cast: Cast, is_blocker: bool):
    pair = (cast.cy, cast.ana) if is_blocker else (cast.ana, cast.cy)
    held = people.task(cast.board)
    claim = claim_task(task_id=held.pk, by=cast.cy)
    Block.objects.create(blocker=pair[0], blocked=pair[1])
    cy = User.objects.get(pk=cast.cy.pk)

    with refused(NotFound):
        claim_task(task_id=cast.task.pk, by=cy)
    can = dict(Task.objects.annotate(can=task_permissions(cy)).values_list("pk", "can"))
    assert can == {cast.task.pk: [], held.pk: ["RELEASE", "SUBMIT"]}
    assert Project.objects.annotate(can=project_permissions(cy)).get().can == ["FOLLOW"]
    # What they hold already they may finish.
    assert submit_work(claim_id=claim.pk, by=cy).state == ClaimState.SUBMITTED

    # Of the team only the owner decides who takes part.
    Block.objects.update_or_create(blocker=cy, blocked=cast.bo)
    Block.objects.filter(blocker=pair[0], blocked=pair[1]).delete()
    assert claim_task(task_id=cast.task.pk, by=User.objects.get(pk=cy.pk)).claimant == cy


def test_nobody_sits_on_more_than_twenty_tasks(cast: Cast):
    claims = [
        claim_task(task_id=people.task(cast.board, f"Task {number}").pk, by=cast.cy)
        for number in range(CLAIMS_AT_ONCE)
    ]
    with refused(TooManyClaims) as answer:
        claim_task(task_id=cast.task.pk, by=cast.cy)
    assert answer.value.code == "LIMIT"
    # What they hold already is theirs, and a place that they give up makes room.
    assert claim_task(task_id=claims[0].task_id, by=cast.cy) == claims[0]
    release_claim(claim_id=claims[0].pk, by=cast.cy)
    assert claim_task(task_id=cast.task.pk, by=cast.cy).state == ClaimState.CLAIMED


def test_a_claim_takes_as_many_statements_as_it_always_did(cast: Cast, django_assert_num_queries):
    # Look; look for a claim and make one; count on the task and on the person; number, event, mark, job. And a savepoint
    # around the insert and, where a real transaction would be, around the whole.
    with django_assert_num_queries(9 + 2 + 2):
        claim_task(task_id=cast.task.pk, by=cast.cy)


def test_the_database_itself_refuses_one_more_than_the_slots(cast: Cast):
    with pytest.raises(IntegrityError, match="task_is_never_overbooked"), transaction.atomic():
        Task.objects.filter(pk=cast.task.pk).update(claimed_count=2)


@pytest.mark.parametrize("slots", [1, 3])
def test_of_sixteen_at_once_as_many_win_as_there_are_places(racing_cast: Cast, slots: int):
    Task.objects.filter(pk=racing_cast.task.pk).update(slots=slots)
    racers = [people.person(f"racer{number}") for number in range(16)]

    answers = race(lambda racer: claim_task(task_id=racing_cast.task.pk, by=racer), racers)

    assert sorted(answers) == ["Claim"] * slots + ["TaskTaken"] * (16 - slots)
    task = Task.objects.get(pk=racing_cast.task.pk)
    assert (task.claimed_count, Claim.objects.held().filter(task=task).count()) == (slots, slots)
    assert list(RecordedEvent.objects.order_by("seq").values_list("kind", "seq")) == [
        ("TaskClaimed", number) for number in range(1, slots + 1)
    ]


def test_a_double_click_is_one_claim_one_answer_and_one_event(racing_cast: Cast):
    claims = answers(lambda by: claim_task(task_id=racing_cast.task.pk, by=by), [racing_cast.cy] * 8)

    assert {type(claim) for claim in claims} == {Claim}
    assert len({claim.pk for claim in claims}) == Claim.objects.count() == RecordedEvent.objects.count() == 1
    assert User.objects.get(pk=racing_cast.cy.pk).open_claim_count == 1
    assert Task.objects.get(pk=racing_cast.task.pk).version == 2


def test_a_person_who_claims_and_gives_up_in_many_windows_breaks_nothing(racing_cast: Cast):
    """Each window claims and releases in turn; whatever order they are served in, there is an answer to each click."""

    def click(_: int) -> None:
        for _ in range(8):
            claim = claim_task(task_id=racing_cast.task.pk, by=racing_cast.cy)
            with contextlib.suppress(ClaimLost):
                release_claim(claim_id=claim.pk, by=racing_cast.cy)

    assert race(click, range(8)) == ["NoneType"] * 8
    assert (Claim.objects.held().count(), Task.objects.get(pk=racing_cast.task.pk).claimed_count) == (0, 0)
    assert User.objects.get(pk=racing_cast.cy.pk).open_claim_count == 0


def test_nobody_holds_a_twenty_first_task_by_claiming_many_at_once(racing_cast: Cast):
    User.objects.filter(pk=racing_cast.cy.pk).update(open_claim_count=CLAIMS_AT_ONCE - 2)
    tasks = [people.task(racing_cast.board, f"Task {number}") for number in range(8)]

    out = race(lambda task: claim_task(task_id=task.pk, by=racing_cast.cy), tasks)

    assert sorted(out) == ["Claim"] * 2 + ["TooManyClaims"] * 6
    assert (Claim.objects.count(), RecordedEvent.objects.count()) == (2, 2)
    assert User.objects.get(pk=racing_cast.cy.pk).open_claim_count == CLAIMS_AT_ONCE


def test_whoever_waits_for_a_team_that_closes_hears_that_it_is_closed(racing_cast: Cast):
    def claim() -> Claim:
        return claim_task(task_id=racing_cast.task.pk, by=racing_cast.cy)

    with after_a_wait(claim) as came_out:
        Task.objects.filter(pk=racing_cast.task.pk).update(closed_at=timezone.now())
    assert [type(answer) for answer in came_out] == [TaskIsClosed]


def test_reading_before_writing_lets_too_many_win(racing_cast: Cast):
    """The control: without the conditional statement and the constraint, this very race is lost."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE boards_task DROP CONSTRAINT task_is_never_overbooked")
    try:
        racers = [people.person(f"racer{number}") for number in range(16)]
        everyone_has_looked = threading.Barrier(16)

        def look_then_write(racer: User) -> None:
            if Task.objects.get(pk=racing_cast.task.pk).open_slots < 1:
                raise TaskTaken
            everyone_has_looked.wait(timeout=10)
            task = Task.objects.get(pk=racing_cast.task.pk)
            task.claimed_count += 1
            task.save(update_fields=["claimed_count"])
            Claim.objects.create(task=task, claimant=racer, expires_at=timezone.now())

        race(look_then_write, racers)

        assert Claim.objects.held().filter(task=racing_cast.task).count() == 16
    finally:
        Claim.objects.all().delete()
        Task.objects.update(claimed_count=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE boards_task ADD CONSTRAINT task_is_never_overbooked"
                " CHECK (slots >= claimed_count + submitted_count + accepted_count)"
            )
