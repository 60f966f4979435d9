from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.boards import actions, claims
from backend.boards.models import (
    Board,
    Claim,
    ClaimState,
    ReleaseReason,
    Task,
    TaskPermission,
    TaskState,
    task_permissions,
)
from backend.core.refusals import Refusal
from backend.projects.models import Membership, Project, ProjectStatus, Role
from social.follows.models import Follow
from tests import cast as people
from tests.cast import Cast, person, project
from tests.constraints import assert_each_is_refused


def claim(task: Task, by: User, state: str = ClaimState.CLAIMED, **facts: object) -> Claim:
    """A claim as the actions would leave it, apart from the counters."""
    now = timezone.now()
    if state == ClaimState.RELEASED:
        facts = {"released_at": now, "release_reason": ReleaseReason.GIVEN_UP, **facts}
    elif state != ClaimState.CLAIMED:
        facts = {"submitted_at": now, **facts}
    return Claim.objects.create(
        task=task, claimant=by, state=state, expires_at=now + timedelta(hours=1), **facts
    )


def test_the_database_refuses_what_can_never_be(cast: Cast):
    held = claim(cast.task, cast.cy)
    people.task(cast.board, "Imported", imported_from="goteo:1129")

    def change(**facts: object) -> int:
        return Task.objects.filter(pk=cast.task.pk).update(**facts)

    def change_claim(**facts: object) -> int:
        return Claim.objects.filter(pk=held.pk).update(**facts)

    assert_each_is_refused(
        "boards",
        {
            "claim_lasts_an_hour_to_ninety_days": lambda: Board.objects.update(claim_hours=0),
            "task_number_is_unique_on_its_board": lambda: change(number=2),
            "task_is_imported_once": lambda: change(imported_from="goteo:1129"),
            "task_has_one_to_a_hundred_slots": lambda: change(slots=101),
            "task_is_never_overbooked": lambda: change(claimed_count=2),
            "person_holds_a_task_once": lambda: claim(cast.task, cast.cy, ClaimState.SUBMITTED),
            "claim_state_is_known": lambda: change_claim(state="LOST"),
            "claim_says_why_it_was_released": lambda: change_claim(state=ClaimState.RELEASED),
            "claim_is_submitted_before_it_is_reviewed": lambda: change_claim(state=ClaimState.ACCEPTED),
        },
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"slots": 0},
        {"slots": 3, "claimed_count": 1, "submitted_count": 2, "accepted_count": 1},
        {"slots": 1, "accepted_count": 2},
    ],
)
def test_a_task_never_has_more_people_than_places(cast: Cast, facts: dict):
    with pytest.raises(IntegrityError, match="task_"), transaction.atomic():
        Task.objects.filter(pk=cast.task.pk).update(**facts)


@pytest.mark.parametrize(
    ("slots", "counts", "state"),
    [
        (1, (0, 0, 0), TaskState.OPEN),
        (1, (1, 0, 0), TaskState.CLAIMED),
        (1, (0, 1, 0), TaskState.SUBMITTED),
        (1, (0, 0, 1), TaskState.DONE),
        (3, (1, 1, 0), TaskState.OPEN),
        (3, (2, 0, 1), TaskState.CLAIMED),
        (3, (1, 1, 1), TaskState.SUBMITTED),
        (3, (0, 0, 2), TaskState.OPEN),
        (3, (0, 1, 2), TaskState.SUBMITTED),
        (3, (0, 0, 3), TaskState.DONE),
    ],
)
def test_a_tasks_state_is_what_its_claims_are(
    cast: Cast, slots: int, counts: tuple[int, int, int], state: str
):
    claimed, submitted, accepted = counts
    Task.objects.filter(pk=cast.task.pk).update(
        slots=slots, claimed_count=claimed, submitted_count=submitted, accepted_count=accepted
    )
    task = Task.objects.get(pk=cast.task.pk)
    assert (task.state, task.open_slots) == (state, slots - sum(counts))
    Task.objects.update(closed_at=timezone.now())
    assert Task.objects.get(pk=cast.task.pk).state == TaskState.CLOSED


def test_boards_and_tasks_are_seen_by_whoever_sees_their_project(cast: Cast):
    dee = person("dee")
    Follow.objects.create(follower=dee, project=cast.project)
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    Membership.objects.create(project=draft, user=cast.bo, role=Role.EDITOR)
    people.task(Board.objects.create(project=draft, title="Hidden"), "Hidden too")

    everyone, team = {"huerta-del-rio"}, {"huerta-del-rio", "secret"}
    seen = {None: everyone, cast.ana: team, cast.bo: team, cast.cy: everyone, dee: everyone, cast.sol: team}
    run = {None: set(), cast.ana: team, cast.bo: everyone, cast.cy: set(), dee: set(), cast.sol: set()}
    for viewer, expected in seen.items():
        for rows, slug in ((Board.objects, "project__slug"), (Task.objects, "board__project__slug")):
            assert set(rows.visible_to(viewer).values_list(slug, flat=True)) == expected, viewer
            assert set(rows.run_by(viewer).values_list(slug, flat=True)) == run[viewer], viewer


def test_claims_are_seen_with_their_task_and_released_ones_by_who_gave_them_up(cast: Cast):
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    hidden = people.task(Board.objects.create(project=draft, title="Hidden"), slots=9)
    for task in (people.task(cast.board, slots=9), hidden):
        for handle, state in (("p1", "CLAIMED"), ("p2", "SUBMITTED"), ("p3", "ACCEPTED"), ("cy", "RELEASED")):
            by = User.objects.filter(handle=handle).first() or person(handle)
            claim(task, by, state)

    held = {("huerta-del-rio", state) for state in ("CLAIMED", "SUBMITTED", "ACCEPTED")}
    hidden_too = held | {("secret", state) for _, state in held}
    expected = {
        None: held,
        cast.ana: hidden_too,
        cast.bo: held,
        cast.cy: {*held, ("huerta-del-rio", "RELEASED")},
        cast.sol: hidden_too,
    }
    for viewer, seen in expected.items():
        rows = Claim.objects.visible_to(viewer).values_list("task__board__project__slug", "state")
        assert (set(rows), len(rows)) == (seen, len(seen)), viewer
    assert set(Claim.objects.held().values_list("state", flat=True)) == {"CLAIMED", "SUBMITTED", "ACCEPTED"}


HELD = (None, "CLAIMED", "SUBMITTED", "ACCEPTED", "RELEASED")


@pytest.mark.parametrize(
    ("viewer", "held_by_viewer"),
    [
        *((viewer, held) for viewer in ("ana", "cy") for held in HELD),
        ("nobody", None),
        ("bo", None),
        ("sol", None),
    ],
)
@pytest.mark.parametrize("others", ["free", "taken", "submitted", "closed"])
def test_what_the_permissions_promise_the_actions_keep(
    cast: Cast, viewer: str, held_by_viewer: str | None, others: str
):
    """For each viewer, their claim, and the rest of the task: a verb is listed exactly if its action does not refuse."""
    by = None if viewer == "nobody" else User.objects.get(handle=viewer)
    task = people.task(cast.board, slots=2)
    if by and held_by_viewer:
        _reach(task, by, held_by_viewer, reviewer=cast.ana)
    if others in ("taken", "submitted"):
        while Task.objects.get(pk=task.pk).open_slots:
            _reach(task, person(f"filler{Claim.objects.count()}"), others.upper().replace("TAKEN", "CLAIMED"))
    if others == "closed":
        actions.close_task(task_id=task.pk, by=cast.ana)

    allowed = Task.objects.annotate(can=task_permissions(by)).get(pk=task.pk).can
    if by is None:
        assert allowed == []
        return
    assert TaskPermission.COMMENT in allowed
    own = Claim.objects.filter(task=task, claimant=by).first()
    waiting = Claim.objects.filter(task=task, state=ClaimState.SUBMITTED).first()
    verbs = {
        # Whoever holds a place may ask again, and gets the same claim; there is nothing to offer them.
        TaskPermission.CLAIM: lambda: (
            not Claim.objects.held().filter(task=task, claimant=by).exists()
            and claims.claim_task(task_id=task.pk, by=by)
        ),
        TaskPermission.RELEASE: lambda: own and claims.release_claim(claim_id=own.pk, by=by),
        TaskPermission.SUBMIT: lambda: own and claims.submit_work(claim_id=own.pk, by=by),
        TaskPermission.EDIT: lambda: actions.move_task(task_id=task.pk, by=by, after_task_id=None),
        TaskPermission.REVIEW: lambda: (
            waiting and claims.review_work(claim_id=waiting.pk, by=by, verdict="REQUEST_CHANGES")
        ),
    }
    assert set(allowed) == {
        TaskPermission.COMMENT,
        *(name for name, verb in verbs.items() if _would_do(verb)),
    }


def _reach(task: Task, by: User, state: str, reviewer: User | None = None) -> None:
    held = claims.claim_task(task_id=task.pk, by=by)
    if state == "RELEASED":
        claims.release_claim(claim_id=held.pk, by=by)
    elif state != "CLAIMED":
        claims.submit_work(claim_id=held.pk, by=by)
        if state == "ACCEPTED":
            claims.review_work(claim_id=held.pk, by=reviewer, verdict="ACCEPT")


def _would_do(verb: Callable[[], object]) -> bool:
    # Undone at once, for each verb is tried on the same task. A bare savepoint, since an action is no part of another
    # transaction, and says so.
    before = transaction.savepoint()
    try:
        return bool(verb())
    except Refusal:
        return False
    finally:
        transaction.savepoint_rollback(before)


def test_a_task_of_a_project_is_gone_with_it(cast: Cast):
    claim(cast.task, cast.cy)
    Project.objects.filter(pk=cast.project.pk).delete()
    assert (Board.objects.count(), Task.objects.count(), Claim.objects.count()) == (0, 0, 0)
