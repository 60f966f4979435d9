from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.boards.claims import ClaimLost, claim_task, release_claim, review_work, submit_work
from backend.boards.models import Claim, ClaimState, Task, TaskState
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Membership, Role
from tests.cast import Cast, person
from tests.races import answers, race
from tests.snapshots import refused


def hand_in(cast: Cast, minutes_spent: int | None = 95) -> Claim:
    held = claim_task(task_id=cast.task.pk, by=cast.cy)
    return submit_work(claim_id=held.pk, by=cast.cy, note="Done.", minutes_spent=minutes_spent)


@pytest.fixture
def submitted(cast: Cast, recorded) -> Claim:
    claim = hand_in(cast)
    recorded()
    return claim


def facts_of(cast: Cast, claim: Claim, verdict: str) -> dict[str, object]:
    return {
        "board_id": cast.board.pk,
        "task_id": cast.task.pk,
        "claim_id": claim.pk,
        "claimant_id": cast.cy.pk,
        "verdict": verdict,
    }


def given_by(user: User) -> tuple[int, int, int]:
    return User.objects.values_list("open_claim_count", "completed_task_count", "minutes_given").get(
        pk=user.pk
    )


def test_accepted_work_is_done_and_counts_for_who_did_it(cast: Cast, submitted: Claim, recorded):
    reviewed = review_work(claim_id=submitted.pk, by=cast.bo, verdict="ACCEPT", note="Thank you!")

    assert (reviewed.state, reviewed.review_note, reviewed.note) == (
        ClaimState.ACCEPTED,
        "Thank you!",
        "Done.",
    )
    task = Task.objects.get(pk=cast.task.pk)
    assert (task.state, task.submitted_count, task.accepted_count, task.version) == (TaskState.DONE, 0, 1, 4)
    assert given_by(cast.cy) == (0, 1, 95)
    stream = f"board:{cast.board.pk}"
    assert recorded() == [("WorkReviewed", stream, 3, facts_of(cast, submitted, "ACCEPT"))]


def test_work_without_minutes_counts_as_work_all_the_same(cast: Cast):
    review_work(claim_id=hand_in(cast, None).pk, by=cast.ana, verdict="ACCEPT")
    assert given_by(cast.cy) == (0, 1, 0)


def test_work_that_needs_changes_is_its_makers_again_with_all_its_time(
    cast: Cast, submitted: Claim, recorded
):
    Claim.objects.filter(pk=submitted.pk).update(expires_at=timezone.now() - timedelta(days=9))

    reviewed = review_work(claim_id=submitted.pk, by=cast.ana, verdict="REQUEST_CHANGES", note="Bluer.")

    assert (reviewed.state, reviewed.review_note) == (ClaimState.CLAIMED, "Bluer.")
    assert abs(reviewed.expires_at - timezone.now() - timedelta(hours=72)) < timedelta(seconds=5)
    task = Task.objects.get(pk=cast.task.pk)
    assert (task.state, task.claimed_count, task.submitted_count) == (TaskState.CLAIMED, 1, 0)
    assert given_by(cast.cy) == (1, 0, 0)
    assert recorded()[0][3] == facts_of(cast, submitted, "REQUEST_CHANGES")
    again = submit_work(claim_id=submitted.pk, by=cast.cy, note="Bluer now.", minutes_spent=120)
    review_work(claim_id=again.pk, by=cast.ana, verdict="ACCEPT")
    assert given_by(cast.cy) == (0, 1, 120), "the last word on the minutes counts, once"


@pytest.mark.parametrize("role", [Role.EDITOR, None])
def test_whoever_does_not_run_the_board_finds_nothing_to_review(
    cast: Cast, submitted: Claim, role: Role | None
):
    dee = person("dee")
    if role:
        Membership.objects.create(project=cast.project, user=dee, role=role)
    for by in (dee, cast.cy, cast.sol):
        with refused(NotFound):
            review_work(claim_id=submitted.pk, by=by, verdict="ACCEPT")
    for pk in (0, -1, 2**62, 2**70):
        with refused(NotFound):
            review_work(claim_id=pk, by=cast.ana, verdict="ACCEPT")


def test_only_what_was_handed_in_is_reviewed_and_once(cast: Cast):
    held = claim_task(task_id=cast.task.pk, by=cast.cy)
    for verdict in ("ACCEPT", "REQUEST_CHANGES"):
        with refused(ClaimLost) as answer:
            review_work(claim_id=held.pk, by=cast.ana, verdict=verdict)
        assert answer.value.code == "CLAIM_LOST"
    submit_work(claim_id=held.pk, by=cast.cy)
    review_work(claim_id=held.pk, by=cast.ana, verdict="ACCEPT")
    for verdict in ("ACCEPT", "REQUEST_CHANGES"):
        with refused(ClaimLost):
            review_work(claim_id=held.pk, by=cast.ana, verdict=verdict)


def test_a_verdict_that_does_not_exist_is_refused(cast: Cast, submitted: Claim):
    for given, field in (
        ({"verdict": "MAYBE"}, "verdict"),
        ({"verdict": "ACCEPT", "note": "x" * 5_001}, "note"),
    ):
        with refused(Invalid, field):
            review_work(claim_id=submitted.pk, by=cast.ana, **given)


def test_of_eight_reviews_at_once_one_decides(racing_cast: Cast, recorded):
    submitted = hand_in(racing_cast)
    reviews = [
        (by, verdict) for by in (racing_cast.ana, racing_cast.bo) for verdict in ("ACCEPT", "REQUEST_CHANGES")
    ]

    out = race(lambda one: review_work(claim_id=submitted.pk, by=one[0], verdict=one[1]), reviews * 2)

    assert sorted(out) == ["Claim"] + ["ClaimLost"] * 7
    *_, (kind, _, seq, facts) = recorded()
    assert (kind, seq) == ("WorkReviewed", 3)
    accepted = facts["verdict"] == "ACCEPT"
    assert given_by(racing_cast.cy) == ((0, 1, 95) if accepted else (1, 0, 0))
    task = Task.objects.get(pk=racing_cast.task.pk)
    assert (task.claimed_count, task.submitted_count, task.accepted_count) == (not accepted, 0, accepted)


@pytest.mark.parametrize("turn", range(4))
def test_work_is_accepted_or_given_up_but_not_both(racing_cast: Cast, turn: int, recorded):
    submitted = hand_in(racing_cast)
    verbs = [
        lambda: review_work(claim_id=submitted.pk, by=racing_cast.ana, verdict="ACCEPT"),
        lambda: release_claim(claim_id=submitted.pk, by=racing_cast.cy),
    ]

    out = answers(lambda verb: verb(), verbs if turn % 2 else verbs[::-1])

    stored = Claim.objects.get(pk=submitted.pk)
    accepted = stored.state == ClaimState.ACCEPTED
    assert stored.state in (ClaimState.ACCEPTED, ClaimState.RELEASED)
    assert given_by(racing_cast.cy) == ((0, 1, 95) if accepted else (0, 0, 0))
    assert [type(answer) for answer in out].count(Claim) == 1
    # Ana does not see a claim that was given up before she looked; it is lost to her if that happened while she did.
    assert {type(answer) for answer in out} - {Claim} <= {ClaimLost, NotFound}
    assert [kind for kind, *_ in recorded()][2:] == ["WorkReviewed" if accepted else "ClaimReleased"]
    task = Task.objects.get(pk=racing_cast.task.pk)
    assert (task.submitted_count, task.accepted_count, task.open_slots) == (0, accepted, not accepted)
