import pytest

from backend.accounts.models import User
from backend.boards.claims import ClaimLost, claim_task, release_claim, review_work, submit_work
from backend.boards.models import Claim, ClaimState, Task, TaskState
from backend.core.refusals import NotFound
from backend.projects.models import Membership, Role
from tests.cast import Cast, person
from tests.races import answers, race
from tests.snapshots import refused


@pytest.fixture
def held(cast: Cast, recorded) -> Claim:
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    recorded()
    return claim


@pytest.mark.parametrize("submitted", [False, True])
def test_a_place_that_is_given_up_is_free_again(cast: Cast, held: Claim, submitted: bool, recorded):
    if submitted:
        submit_work(claim_id=held.pk, by=cast.cy)
        recorded()

    released = release_claim(claim_id=held.pk, by=cast.cy)

    assert (released.state, released.release_reason) == (ClaimState.RELEASED, "GIVEN_UP")
    assert released.released_at is not None
    task = Task.objects.get(pk=cast.task.pk)
    assert (task.state, task.open_slots, task.version) == (TaskState.OPEN, 1, 3 + submitted)
    assert User.objects.get(pk=cast.cy.pk).open_claim_count == 0
    ((kind, stream, seq, facts),) = recorded()
    assert (kind, stream, seq) == ("ClaimReleased", f"board:{cast.board.pk}", 2 + submitted)
    assert facts == {
        "board_id": cast.board.pk,
        "task_id": cast.task.pk,
        "claim_id": held.pk,
        "claimant_id": cast.cy.pk,
        "reason": "GIVEN_UP",
    }


def test_who_runs_the_board_takes_a_place_back(cast: Cast, held: Claim, recorded):
    assert release_claim(claim_id=held.pk, by=cast.bo).release_reason == "REVOKED"
    assert User.objects.get(pk=cast.cy.pk).open_claim_count == 0
    assert recorded()[0][3]["reason"] == "REVOKED"


def test_another_persons_claim_is_nobodys_to_release(cast: Cast, held: Claim):
    dee = person("dee")
    Membership.objects.create(project=cast.project, user=dee, role=Role.EDITOR)
    for by in (dee, person("eve"), cast.sol):
        with refused(NotFound) as answer:
            release_claim(claim_id=held.pk, by=by)
        assert str(answer.value) == NotFound.message
    for pk in (0, -1, 2**62, 2**70):
        with refused(NotFound):
            release_claim(claim_id=pk, by=cast.cy)


def test_a_claim_is_given_up_once(cast: Cast, held: Claim):
    release_claim(claim_id=held.pk, by=cast.cy)
    with refused(ClaimLost) as answer:
        release_claim(claim_id=held.pk, by=cast.cy)
    assert answer.value.code == "CLAIM_LOST"


def test_what_was_accepted_is_not_given_up(cast: Cast, held: Claim):
    submit_work(claim_id=held.pk, by=cast.cy)
    review_work(claim_id=held.pk, by=cast.ana, verdict="ACCEPT")
    for by in (cast.cy, cast.ana):
        with refused(ClaimLost):
            release_claim(claim_id=held.pk, by=by)


def test_of_eight_releases_at_once_one_counts(racing_cast: Cast, recorded):
    held = claim_task(task_id=racing_cast.task.pk, by=racing_cast.cy)
    out = race(lambda _: release_claim(claim_id=held.pk, by=racing_cast.cy), range(8))

    assert sorted(out) == ["Claim"] + ["ClaimLost"] * 7
    assert Task.objects.get(pk=racing_cast.task.pk).claimed_count == 0
    assert User.objects.get(pk=racing_cast.cy.pk).open_claim_count == 0
    assert [kind for kind, *_ in recorded()] == ["TaskClaimed", "ClaimReleased"]


@pytest.mark.parametrize("turn", range(4))
def test_releasing_and_submitting_at_once_end_in_one_of_two_stories(racing_cast: Cast, turn: int, recorded):
    held = claim_task(task_id=racing_cast.task.pk, by=racing_cast.cy)
    verbs = [release_claim, submit_work] if turn % 2 else [submit_work, release_claim]

    out = answers(lambda verb: verb(claim_id=held.pk, by=racing_cast.cy), verbs)

    told = [kind for kind, *_ in recorded()]
    released, submitted = (out[verbs.index(verb)] for verb in (release_claim, submit_work))
    # Whoever comes first, the claim is given up in the end; the work is handed in before that or not at all.
    assert type(released) is Claim
    assert told == ["TaskClaimed", *(["WorkSubmitted"] if type(submitted) is Claim else []), "ClaimReleased"]
    assert type(submitted) in (Claim, ClaimLost)
    task = Task.objects.get(pk=racing_cast.task.pk)
    assert (task.claimed_count, task.submitted_count, task.open_slots) == (0, 0, 1)
    assert User.objects.get(pk=racing_cast.cy.pk).open_claim_count == 0
