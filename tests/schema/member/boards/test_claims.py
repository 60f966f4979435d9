"""Taking a place on a task, and what becomes of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import CLAIMS_AT_ONCE
from backend.boards.claims import claim_task, review_work
from backend.boards.models import Claim, Task
from backend.projects.models import Project, ProjectStatus
from tests import cast as people
from tests.asking import ask, id_of, problems, spelled, untouched
from tests.cast import Cast
from tests.schema.deeds import claimed, submit
from tests.schema.deeds import review_work as reviewing
from tests.schema.member.boards.shown import parts


def test_whoever_claims_a_task_has_it_once(cast: Cast):
    first = ask("ClaimTask", cast.cy, input={"taskId": id_of(cast.task)})

    claim = Claim.objects.get()
    assert abs(claim.expires_at - timezone.now() - timedelta(hours=72)) < timedelta(minutes=1)
    task = parts(
        cast.task, cast.cy, ["RELEASE", "SUBMIT", "COMMENT"], state="CLAIMED", openSlots=0, version=2
    )
    assert first["data"]["claimTask"] == {
        "claim": {"id": id_of(claim), "expiresAt": spelled(claim.expires_at)},
        "task": task,
        "errors": [],
    }
    with untouched():
        # A double click, or a request sent again: the same answer.
        assert ask("ClaimTask", cast.cy, input={"taskId": id_of(cast.task)}) == first


def test_who_comes_too_late_reads_so(cast: Cast):
    claim_task(task_id=cast.task.pk, by=cast.bo)
    with untouched():
        answer = ask("ClaimTask", cast.cy, input={"taskId": id_of(cast.task)})
    error = {"code": "TAKEN", "message": "Every place on this task is taken.", "field": None}
    assert answer["data"]["claimTask"] == {"claim": None, "task": None, "errors": [error]}


def test_a_closed_task_is_claimed_by_nobody(cast: Cast):
    Task.objects.filter(pk=cast.task.pk).update(closed_at=timezone.now())
    with untouched():
        assert problems(ask("ClaimTask", cast.cy, input={"taskId": id_of(cast.task)})) == [("CLOSED", None)]


def test_nobody_holds_more_than_so_many(cast: Cast):
    for number in range(CLAIMS_AT_ONCE):
        claim_task(task_id=people.task(cast.board, f"Task {number}").pk, by=cast.cy)
    with untouched():
        assert problems(ask("ClaimTask", cast.cy, input={"taskId": id_of(cast.task)})) == [("LIMIT", None)]


def test_the_work_of_a_draft_is_its_teams(cast: Cast):
    Project.objects.filter(pk=cast.project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)
    with untouched():
        assert problems(ask("ClaimTask", cast.cy, input={"taskId": id_of(cast.task)})) == [
            ("NOT_FOUND", None)
        ]
    assert problems(ask("ClaimTask", cast.bo, input={"taskId": id_of(cast.task)})) == []


def test_what_is_given_back_is_free_again(cast: Cast):
    claim = claimed(cast)
    answer = ask("ReleaseClaim", cast.cy, input={"claimId": id_of(claim)})

    task = parts(cast.task, cast.cy, ["CLAIM", "COMMENT"], state="OPEN", openSlots=1, version=3, claims=[])
    assert answer["data"]["releaseClaim"] == {"task": task, "errors": []}
    with untouched():
        again = ask("ReleaseClaim", cast.cy, input={"claimId": id_of(claim)})
    assert problems(again) == [("CLAIM_LOST", None)]


def test_who_runs_the_board_may_take_it_back_and_nobody_else(cast: Cast):
    claim = claimed(cast)
    for viewer in (people.person("dov"), cast.sol):
        with untouched():
            assert problems(ask("ReleaseClaim", viewer, input={"claimId": id_of(claim)})) == [
                ("NOT_FOUND", None)
            ]
    assert problems(ask("ReleaseClaim", cast.bo, input={"claimId": id_of(claim)})) == []
    claim.refresh_from_db()
    assert claim.release_reason == "REVOKED"


def test_a_claim_can_be_held_for_longer_by_who_has_it(cast: Cast):
    claim = claimed(cast)
    Claim.objects.filter(pk=claim.pk).update(expires_at=timezone.now() + timedelta(minutes=5))
    for viewer in (cast.ana, cast.bo, cast.sol):
        with untouched():
            assert problems(ask("RenewClaim", viewer, input={"claimId": id_of(claim)})) == [
                ("NOT_FOUND", None)
            ]

    answer = ask("RenewClaim", cast.cy, input={"claimId": id_of(claim)})

    claim.refresh_from_db()
    assert claim.expires_at > timezone.now() + timedelta(hours=71)
    shown = {"id": id_of(claim), "expiresAt": spelled(claim.expires_at)}
    assert answer["data"]["renewClaim"] == {"claim": shown, "errors": []}


def test_work_is_handed_in_and_accepted(cast: Cast):
    answer = submit(cast).ask("SubmitWork")

    claim = Claim.objects.get()
    task = parts(cast.task, cast.cy, ["RELEASE", "COMMENT"], state="SUBMITTED", openSlots=0, version=3)
    assert task["claims"][0]["submission"] == {"note": "Two *coats*.", "links": ["https://example.org/gate"]}
    assert answer["data"]["submitWork"] == {
        "claim": {"id": id_of(claim), "state": "SUBMITTED"},
        "task": task,
        "errors": [],
    }
    reviewed = ask("ReviewWork", cast.bo, input={"claimId": id_of(claim), "verdict": "ACCEPT"})
    task = parts(cast.task, cast.bo, ["COMMENT", "EDIT"], state="DONE", openSlots=0, version=4)
    assert reviewed["data"]["reviewWork"] == {
        "claim": {"id": id_of(claim), "state": "ACCEPTED"},
        "task": task,
        "errors": [],
    }
    profile = ask("UserProfile", handle="cy")["data"]["user"]
    assert (profile["completedTaskCount"], profile["minutesGiven"]) == (1, 45)


def test_work_that_needs_changes_is_claimed_again(cast: Cast):
    answer = reviewing(cast).ask("ReviewWork", verdict="REQUEST_CHANGES", note="One more coat.")

    payload = answer["data"]["reviewWork"]
    assert (payload["claim"]["state"], payload["task"]["state"], payload["errors"]) == (
        "CLAIMED",
        "CLAIMED",
        [],
    )
    query = "query($id: ID!) { node(id: $id) { ... on Claim { reviewNote submission { minutesSpent } } } }"
    claim = ask(query, cast.cy, id=payload["claim"]["id"])["data"]["node"]
    assert claim == {"reviewNote": "One more coat.", "submission": {"minutesSpent": None}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("note", note) for note in ("a" * 5_001, "a\x07", "\u202e")),
        *(
            ("links", links)
            for links in (["https://x.org/"] * 11, [""], ["javascript:alert(1)"], ["ftp://x.org/"])
        ),
        *(
            ("links", links)
            for links in (["https://x.org/" + "a" * 500], ["https://x.org/ b"], ["http://[::1"])
        ),
        *(("minutesSpent", minutes) for minutes in (-1, 43_201, 2**31 - 1)),
    ],
)
def test_what_no_work_says(cast: Cast, field: str, value: object):
    asked = submit(cast)
    with untouched():
        assert problems(asked.ask("SubmitWork", **{field: value})) == [("VALIDATION", field)]


def test_a_review_is_not_longer_than_a_page(cast: Cast):
    asked = reviewing(cast)
    with untouched():
        assert problems(asked.ask("ReviewWork", note="a" * 5_001)) == [("VALIDATION", "note")]


def test_anothers_claim_is_not_there(cast: Cast):
    """Nor are the owner's rights any use: work is handed in by who did it."""
    claim = claimed(cast)
    for viewer in (cast.ana, cast.bo, cast.sol, people.person("dov")):
        with untouched():
            assert problems(ask("SubmitWork", viewer, input={"claimId": id_of(claim)})) == [
                ("NOT_FOUND", None)
            ]


def test_work_is_reviewed_by_who_runs_the_board(cast: Cast):
    given = reviewing(cast).input
    for viewer in (cast.cy, cast.sol, people.person("dov")):
        with untouched():
            assert problems(ask("ReviewWork", viewer, input=given)) == [("NOT_FOUND", None)]


def test_what_is_over_is_lost(cast: Cast):
    """After its end, after it was given back, and after it was accepted: what was right before is so no more."""
    claim = claimed(cast)
    late = Claim.objects.filter(pk=claim.pk)
    mine, review = {"claimId": id_of(claim)}, {"claimId": id_of(claim), "verdict": "ACCEPT"}
    late.update(expires_at=timezone.now() - timedelta(seconds=1))
    for name in ("SubmitWork", "RenewClaim"):
        with untouched():
            assert problems(ask(name, cast.cy, input=mine)) == [("CLAIM_LOST", None)]
    with untouched():
        assert problems(ask("ReviewWork", cast.bo, input=review)) == [("CLAIM_LOST", None)]
    late.update(expires_at=timezone.now() + timedelta(hours=1))
    assert problems(ask("SubmitWork", cast.cy, input=mine)) == []
    for name in ("SubmitWork", "RenewClaim"):
        with untouched():
            assert problems(ask(name, cast.cy, input=mine)) == [("CLAIM_LOST", None)]
    review_work(claim_id=claim.pk, verdict="ACCEPT", by=cast.bo)
    for name in ("SubmitWork", "RenewClaim", "ReleaseClaim"):
        with untouched():
            assert problems(ask(name, cast.cy, input=mine)) == [("CLAIM_LOST", None)]
    with untouched():
        assert problems(ask("ReviewWork", cast.bo, input=review)) == [("CLAIM_LOST", None)]


def test_a_claim_that_was_given_up_is_seen_by_who_gave_it_up(cast: Cast):
    claim = claimed(cast)
    ask("ReleaseClaim", cast.cy, input={"claimId": id_of(claim)})
    query = "query($id: ID!) { node(id: $id) { ... on Claim { state } } }"

    assert ask(query, cast.cy, id=id_of(claim))["data"]["node"] == {"state": "RELEASED"}
    for viewer in (None, cast.ana, cast.bo):
        assert ask(query, viewer, id=id_of(claim))["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
