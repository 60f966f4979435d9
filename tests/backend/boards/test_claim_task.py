import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from backend.accounts.models import CLAIMS_AT_ONCE, User
from backend.boards.claims import TaskIsClosed, TaskTaken, TooManyClaims, claim_task
from backend.boards.models import Claim, ClaimState, Task, TaskState
from backend.core.models import RecordedEvent
from backend.core.refusals import NotFound
from backend.projects.models import ProjectStatus
from tests import cast as people
from tests.cast import Cast
from tests.races import race


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


def test_whoever_claims_twice_gets_the_same_claim_and_nothing_is_told_twice(cast: Cast, recorded):
    first = claim_task(task_id=cast.task.pk, by=cast.cy)
    recorded()

    assert claim_task(task_id=cast.task.pk, by=cast.cy) == first
    assert recorded() == []


def test_the_last_place_is_taken_once(cast: Cast, recorded):
    claim_task(task_id=cast.task.pk, by=cast.cy)
    before, _ = snapshot(), recorded()

    with pytest.raises(TaskTaken) as refusal:
        claim_task(task_id=cast.task.pk, by=cast.bo)

    assert refusal.value.code == "TAKEN"
    assert (snapshot(), recorded()) == (before, [])


def test_a_closed_task_is_not_claimed(cast: Cast, recorded):
    Task.objects.filter(pk=cast.task.pk).update(closed_at=timezone.now())
    before = snapshot()

    with pytest.raises(TaskIsClosed):
        claim_task(task_id=cast.task.pk, by=cast.cy)

    assert (snapshot(), recorded()) == (before, [])


def test_a_task_of_a_draft_looks_as_if_it_did_not_exist(cast: Cast, recorded):
    type(cast.project).objects.filter(pk=cast.project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)
    before = snapshot()

    for task_id in (cast.task.pk, 2**62):
        with pytest.raises(NotFound) as refusal:
            claim_task(task_id=task_id, by=cast.cy)
        assert str(refusal.value) == NotFound.message

    assert (snapshot(), recorded()) == (before, [])


def test_nobody_sits_on_more_than_twenty_tasks(cast: Cast, recorded):
    for number in range(CLAIMS_AT_ONCE):
        claim_task(task_id=people.task(cast.board, f"Task {number}").pk, by=cast.cy)
    before, _ = snapshot(), recorded()

    with pytest.raises(TooManyClaims):
        claim_task(task_id=cast.task.pk, by=cast.cy)

    assert (snapshot(), recorded()) == (before, [])


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


def snapshot() -> list:
    """What a refusal must leave as it was."""
    return [
        list(Task.objects.order_by("pk").values()),
        list(Claim.objects.order_by("pk").values()),
        list(User.objects.order_by("pk").values_list("pk", "open_claim_count")),
    ]
