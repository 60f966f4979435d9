"""`viewerCan` says what the actions do: each is tried, for everybody and in every state of a task and its claims."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from backend.accounts.models import CLAIMS_AT_ONCE, User
from backend.boards.actions import close_task, edit_task
from backend.boards.claims import claim_task, release_claim, review_work, submit_work
from backend.boards.models import Claim, ClaimState, Task, TaskPermission
from backend.core.refusals import Refusal
from backend.projects.models import Membership, Role
from social.comments.actions import add_comment
from tests import cast as people
from tests.asking import ask, id_of, undone
from tests.cast import Cast

#: Where a claim can stand; None: there is none. LATE: claimed, and its time is over.
STATES = (None, "CLAIMED", "LATE", "SUBMITTED", "ACCEPTED", "RELEASED")


@dataclass(frozen=True)
class Situation:
    """A task of one or two places: the viewer's claim of it, another's, and whether the team has closed it."""

    slots: int
    mine: str | None
    theirs: str | None
    closed: bool


def situations() -> list[Situation]:
    """All that can be; but a task is closed here only while nobody else has it, and somebody else is never late."""
    found = []
    for slots, mine, theirs, closed in product((1, 2), STATES, STATES, (False, True)):
        held = [state for state in (mine, theirs) if state not in (None, "RELEASED")]
        if len(held) > slots or theirs in ("LATE", "RELEASED"):
            continue
        # With a place to spare, one place is as good as two.
        if (slots == 2 or len(held) == 1) and (theirs is None or not closed):
            found.append(Situation(slots, mine, theirs, closed))
    return found


def bring_about(situation: Situation, cast: Cast, viewer: User, other: User) -> Task:
    task = people.task(cast.board, "Sweep", slots=2)
    for person, state in ((other, situation.theirs), (viewer, situation.mine)):
        if state is None:
            continue
        claim = claim_task(task_id=task.pk, by=person)
        if state in ("SUBMITTED", "ACCEPTED"):
            submit_work(claim_id=claim.pk, by=person)
        if state == "ACCEPTED":
            review_work(claim_id=claim.pk, verdict="ACCEPT", by=cast.ana)
        if state == "RELEASED":
            release_claim(claim_id=claim.pk, by=person)
        if state == "LATE":
            Claim.objects.filter(pk=claim.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    Task.objects.filter(pk=task.pk).update(slots=situation.slots)
    if situation.closed:
        close_task(task_id=task.pk, by=cast.ana)
    return Task.objects.get(pk=task.pk)


def attempts(task: Task, viewer: User) -> dict[str, Callable[[], object]]:
    """For each permission the action that it speaks of."""
    claims = Claim.objects.filter(task=task)
    mine = claims.filter(claimant=viewer).last()

    def with_mine(act: Callable[..., object]) -> object:
        if mine is None:
            raise Claim.DoesNotExist
        return act(claim_id=mine.pk, by=viewer)

    def claim_anew() -> None:
        held = claims.held().filter(claimant=viewer)
        # Who holds a place is given it once more, which is no second one.
        if held.exists() or claim_task(task_id=task.pk, by=viewer) not in held.all():
            raise Claim.DoesNotExist

    def review() -> object:
        submitted = claims.filter(state=ClaimState.SUBMITTED).earliest("pk")
        return review_work(claim_id=submitted.pk, verdict="ACCEPT", by=viewer)

    return {
        "CLAIM": claim_anew,
        "RELEASE": lambda: with_mine(release_claim),
        "SUBMIT": lambda: with_mine(submit_work),
        "COMMENT": lambda: add_comment(kind=Task, subject_id=task.pk, body="Yes.", by=viewer),
        "EDIT": lambda: edit_task(
            task_id=task.pk, expected_version=task.version, title="Sweep well", by=viewer
        ),
        "REVIEW": review,
    }


def is_done(attempt: Callable[[], object]) -> bool:
    """Whether the action goes through; it is taken back."""
    with undone():
        try:
            attempt()
        except (Refusal, Claim.DoesNotExist):
            return False
    return True


def seen(task: Task, viewer: User | None) -> list[str]:
    query = "query($id: ID!) { node(id: $id) { ... on Task { viewerCan } } }"
    found: list[str] = ask(query, viewer, id=id_of(task))["data"]["node"]["viewerCan"]
    return found


#: Who tries everything, every second or every eighth thing: the others differ from a coordinator in nothing that a
#: claim changes, so a part is enough for them.
STEPS = {"COORDINATOR": 1, "stranger": 2, "staff": 8, "ADMIN": 8, "EDITOR": 8}


@pytest.mark.parametrize("role", STEPS)
def test_what_somebody_can_do_is_what_they_are_let_do(cast: Cast, role: str):
    viewer, other = people.person("val", is_staff=role == "staff"), people.person("oto")
    if role in Role.values:
        Membership.objects.create(project=cast.project, user=viewer, role=role)

    for situation in situations()[:: STEPS[role]]:
        with undone():
            task = bring_about(situation, cast, viewer, other)
            tried = attempts(task, viewer)
            assert list(tried) == TaskPermission.values
            assert seen(task, viewer) == [each for each in tried if is_done(tried[each])], situation
    assert seen(cast.task, None) == []


def test_who_holds_as_many_as_one_may_can_claim_no_other(cast: Cast):
    for number in range(CLAIMS_AT_ONCE):
        assert "CLAIM" in seen(cast.task, cast.cy)
        claim_task(task_id=people.task(cast.board, f"Task {number}").pk, by=cast.cy)
    assert "CLAIM" not in seen(cast.task, cast.cy)
