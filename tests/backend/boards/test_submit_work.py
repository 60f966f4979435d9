from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import User
from backend.boards.claims import ClaimLost, claim_task, expire_claim, release_claim, review_work, submit_work
from backend.boards.models import Claim, ClaimState, Task, TaskState
from backend.core.refusals import Invalid, NotFound
from tests.cast import Cast
from tests.races import race
from tests.snapshots import refused


@pytest.fixture
def held(cast: Cast, recorded) -> Claim:
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    recorded()
    return claim


def test_work_is_handed_in(cast: Cast, held: Claim, recorded):
    submitted = submit_work(
        claim_id=held.pk,
        by=cast.cy,
        note=" It is *blue*. ",
        links=["https://example.org/gate", "http://example.org/ñ?q=1#a"],
        minutes_spent=95,
    )

    stored = Claim.objects.get(pk=held.pk)
    assert submitted == stored
    assert (stored.state, stored.note, stored.minutes_spent) == (ClaimState.SUBMITTED, "It is *blue*.", 95)
    assert stored.links == ["https://example.org/gate", "http://example.org/ñ?q=1#a"]
    assert abs(stored.submitted_at - timezone.now()) < timedelta(seconds=5)
    task = Task.objects.get(pk=cast.task.pk)
    assert (task.state, task.claimed_count, task.submitted_count, task.version) == (
        TaskState.SUBMITTED,
        0,
        1,
        3,
    )
    assert User.objects.get(pk=cast.cy.pk).open_claim_count == 1, "it is theirs until it is accepted"
    facts = {"board_id": cast.board.pk, "task_id": task.pk, "claim_id": held.pk, "claimant_id": cast.cy.pk}
    assert recorded() == [("WorkSubmitted", f"board:{cast.board.pk}", 2, facts)]


def test_work_needs_no_words(cast: Cast, held: Claim):
    submitted = submit_work(claim_id=held.pk, by=cast.cy)
    assert (submitted.note, submitted.links, submitted.minutes_spent) == ("", [], None)


def test_nobody_hands_in_for_another_not_even_who_runs_the_board(cast: Cast, held: Claim):
    for by in (cast.ana, cast.bo, cast.sol):
        with refused(NotFound) as answer:
            submit_work(claim_id=held.pk, by=by)
        assert str(answer.value) == NotFound.message
    for pk in (0, -1, 2**62, 2**70):
        with refused(NotFound):
            submit_work(claim_id=pk, by=cast.cy)


@pytest.mark.parametrize("how", ["lapsed", "expired", "released", "revoked", "submitted", "accepted"])
def test_a_claim_that_is_lost_cannot_be_worked_on(cast: Cast, held: Claim, how: str):
    if how in ("submitted", "accepted"):
        submit_work(claim_id=held.pk, by=cast.cy)
    if how == "accepted":
        review_work(claim_id=held.pk, by=cast.ana, verdict="ACCEPT")
    if how in ("lapsed", "expired"):
        Claim.objects.update(expires_at=timezone.now())
    if how == "expired":
        assert expire_claim(claim_id=held.pk)
    if how in ("released", "revoked"):
        release_claim(claim_id=held.pk, by=cast.cy if how == "released" else cast.ana)

    with refused(ClaimLost) as answer:
        submit_work(claim_id=held.pk, by=cast.cy, note="late")
    assert answer.value.code == "CLAIM_LOST"


def test_work_is_in_time_until_the_last_second(cast: Cast, held: Claim):
    with time_machine.travel(held.expires_at - timedelta(seconds=1), tick=False):
        assert submit_work(claim_id=held.pk, by=cast.cy).state == ClaimState.SUBMITTED


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"minutes_spent": -1}, "minutesSpent"),
        ({"minutes_spent": 43_201}, "minutesSpent"),
        ({"minutes_spent": 2**63}, "minutesSpent"),
        ({"note": "x" * 5_001}, "note"),
        ({"note": "a\0"}, "note"),
        ({"links": ["https://example.org"] * 11}, "links"),
        ({"links": [""]}, "links"),
        ({"links": ["example.org"]}, "links"),
        ({"links": ["javascript:alert(1)"]}, "links"),
        ({"links": ["ftp://example.org"]}, "links"),
        ({"links": ["https://example.org/a b"]}, "links"),
        ({"links": ["https://example.org/a\nb"]}, "links"),
        ({"links": ["https://example.org/\0"]}, "links"),
        ({"links": ["https://example.org/\ud800"]}, "links"),
        ({"links": ["https://example.org/\u202egnp.exe"]}, "links"),
        ({"links": ["https://example.org/" + "x" * 481]}, "links"),
        ({"links": ["https://example.org/" + "x" * 1_000_000]}, "links"),
    ],
)
def test_what_cannot_be_handed_in_is_refused(cast: Cast, held: Claim, given: dict, field: str):
    with refused(Invalid, field):
        submit_work(claim_id=held.pk, by=cast.cy, **given)


def test_of_eight_clicks_at_once_one_hands_in(racing_cast: Cast, recorded):
    held = claim_task(task_id=racing_cast.task.pk, by=racing_cast.cy)
    out = race(lambda _: submit_work(claim_id=held.pk, by=racing_cast.cy), range(8))

    assert sorted(out) == ["Claim"] + ["ClaimLost"] * 7
    assert [kind for kind, *_ in recorded()] == ["TaskClaimed", "WorkSubmitted"]
    task = Task.objects.get(pk=racing_cast.task.pk)
    assert (task.claimed_count, task.submitted_count) == (0, 1)
