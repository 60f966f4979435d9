from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import User
from backend.boards.claims import (
    claim_task,
    expire_claim,
    expire_claims,
    release_claim,
    review_work,
    submit_work,
)
from backend.boards.models import Board, Claim, ClaimState, Task
from tests import cast as people
from tests.cast import Cast
from tests.races import after_a_wait, race
from tests.snapshots import snapshot

LONG_AGO = timedelta(days=9)


def lapse(claim: Claim) -> Claim:
    Claim.objects.filter(pk=claim.pk).update(expires_at=timezone.now() - LONG_AGO)
    return claim


def test_a_place_whose_time_has_run_out_is_free_again(cast: Cast, recorded):
    held = lapse(claim_task(task_id=cast.task.pk, by=cast.cy))

    assert expire_claim(claim_id=held.pk) is True

    stored = Claim.objects.get(pk=held.pk)
    assert (stored.state, stored.release_reason) == (ClaimState.RELEASED, "EXPIRED")
    assert Task.objects.get(pk=cast.task.pk).open_slots == 1
    assert User.objects.get(pk=cast.cy.pk).open_claim_count == 0
    *_, (kind, stream, seq, facts) = recorded()
    assert (kind, stream, seq) == ("ClaimReleased", f"board:{cast.board.pk}", 2)
    assert (facts["claim_id"], facts["reason"]) == (held.pk, "EXPIRED")


def test_a_board_says_how_long_its_claims_are_held(cast: Cast):
    Board.objects.update(claim_hours=1)
    held = claim_task(task_id=cast.task.pk, by=cast.cy)
    with time_machine.travel(timezone.now() + timedelta(minutes=59), tick=False):
        assert expire_claim(claim_id=held.pk) is False
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert expire_claim(claim_id=held.pk) is True


@pytest.mark.parametrize("how", ["in time", "submitted", "accepted", "released", "unknown"])
def test_nothing_else_expires(cast: Cast, how: str):
    held = claim_task(task_id=cast.task.pk, by=cast.cy)
    if how in ("submitted", "accepted"):
        submit_work(claim_id=held.pk, by=cast.cy)
    if how == "accepted":
        review_work(claim_id=held.pk, by=cast.ana, verdict="ACCEPT")
    if how == "released":
        release_claim(claim_id=held.pk, by=cast.cy)
    if how != "in time":
        lapse(held)
    before = snapshot()
    assert expire_claim(claim_id=2**62 if how == "unknown" else held.pk) is False
    assert snapshot() == before


def test_every_claim_whose_time_has_run_out_is_found(cast: Cast, recorded):
    claims = [
        claim_task(task_id=people.task(cast.board, f"Task {number}").pk, by=by)
        for number, by in enumerate((cast.ana, cast.bo, cast.cy))
    ]
    lapse(claims[0])
    lapse(claims[2])
    recorded()

    assert [expire_claims(), expire_claims()] == [2, 0]
    assert list(Claim.objects.held()) == [claims[1]]
    assert [facts["claimant_id"] for _, _, _, facts in recorded()] == [cast.ana.pk, cast.cy.pk]


def test_a_claim_expires_once_however_many_look_for_it(racing_cast: Cast, recorded):
    lapse(claim_task(task_id=racing_cast.task.pk, by=racing_cast.cy))
    race(lambda _: expire_claims(), range(8))
    assert [kind for kind, *_ in recorded()] == ["TaskClaimed", "ClaimReleased"]
    assert User.objects.get(pk=racing_cast.cy.pk).open_claim_count == 0


def test_a_claim_that_gets_its_time_back_at_the_last_moment_is_kept(racing_cast: Cast):
    """Renewed, or handed back for changes, by a transaction that the expiry has to wait for."""
    held = lapse(claim_task(task_id=racing_cast.task.pk, by=racing_cast.cy))
    with after_a_wait(lambda: expire_claim(claim_id=held.pk)) as came_out:
        Claim.objects.filter(pk=held.pk).update(expires_at=timezone.now() + timedelta(hours=72))
    assert came_out == [False]
    assert Claim.objects.get(pk=held.pk).state == ClaimState.CLAIMED
