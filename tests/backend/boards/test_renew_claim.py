from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from backend.boards.claims import ClaimLost, claim_task, release_claim, renew_claim, submit_work
from backend.boards.models import Board, Claim
from backend.core.refusals import NotFound
from tests.cast import Cast
from tests.snapshots import refused


@pytest.fixture
def held(cast: Cast, recorded) -> Claim:
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    recorded()
    return claim


def test_a_claim_is_held_for_its_boards_hours_again_from_now_on(cast: Cast, held: Claim, recorded):
    Board.objects.update(claim_hours=48)
    with time_machine.travel(held.expires_at - timedelta(seconds=1), tick=False):
        renewed = renew_claim(claim_id=held.pk, by=cast.cy)
        assert renewed.expires_at == timezone.now() + timedelta(hours=48)
    assert recorded() == []


def test_nobody_renews_for_another(cast: Cast, held: Claim):
    for by in (cast.ana, cast.bo, cast.sol):
        with refused(NotFound):
            renew_claim(claim_id=held.pk, by=by)
    for pk in (0, 2**62, 2**70):
        with refused(NotFound):
            renew_claim(claim_id=pk, by=cast.cy)


@pytest.mark.parametrize("how", ["lapsed", "released", "submitted"])
def test_a_claim_that_is_lost_or_handed_in_is_not_renewed(cast: Cast, held: Claim, how: str):
    if how == "lapsed":
        Claim.objects.update(expires_at=timezone.now())
    if how == "released":
        release_claim(claim_id=held.pk, by=cast.cy)
    if how == "submitted":
        submit_work(claim_id=held.pk, by=cast.cy)
    with refused(ClaimLost) as answer:
        renew_claim(claim_id=held.pk, by=cast.cy)
    assert answer.value.code == "CLAIM_LOST"
