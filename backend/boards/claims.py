"""The verbs of a claim. Locks are taken in one order everywhere: claim, task, person, file, stream."""

from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backend.accounts.models import CLAIMS_AT_ONCE, User
from backend.boards.events import ClaimReleased, TaskClaimed, WorkReviewed, WorkSubmitted
from backend.boards.models import Claim, ClaimState, ReleaseReason, Task, WorkVerdict
from backend.core.events import record
from backend.core.files import attach
from backend.core.models import found_or_made
from backend.core.refusals import Invalid, NotFound, Refusal
from backend.core.text import clean_choice, clean_line, clean_text
from backend.projects.models import welcome

#: A claim's work may take a day of minutes, thirty times over.
MOST_MINUTES = 30 * 24 * 60
MOST_LINKS = 10


class TaskTaken(Refusal):
    code = "TAKEN"
    message = "Every place on this task is taken."


class TaskIsClosed(Refusal):
    code = "CLOSED"
    message = "The team takes no more work on this task."


class TooManyClaims(Refusal):
    code = "LIMIT"
    message = f"You hold {CLAIMS_AT_ONCE} tasks already: finish or release one first."


class ClaimLost(Refusal):
    """The claim was released, ran out, or is not at this step any more."""

    code = "CLAIM_LOST"
    message = "This claim is not yours to work on any more."


@transaction.atomic(durable=True)
def claim_task(*, task_id: int, by: User) -> Claim:
    """Take a place on a task; whoever holds one already gets the same claim again.

    Raises `NotFound`, as where there is a block between them and the project's owner, `TaskTaken`, `TaskIsClosed`,
    `TooManyClaims`.
    """
    tasks = Task.objects.visible_to(by).filter(welcome("board__project__owner", by))
    task = tasks.filter(pk=task_id).select_related("board").first()
    if task is None:
        raise NotFound
    # The unique constraint makes a double click's second transaction wait here for its first.
    expires_at = timezone.now() + timedelta(hours=task.board.claim_hours)
    claim, is_new = found_or_made(Claim.objects.held(), {"expires_at": expires_at}, task=task, claimant=by)
    if not is_new:
        return claim
    # Decided on the row's own columns: with a join PostgreSQL would not look again at a row it had to wait for,
    # and two people would win.
    if not Task.objects.filter(pk=task.pk, closed_at=None, open_slots__gt=0).update(
        claimed_count=F("claimed_count") + 1, version=F("version") + 1
    ):
        # Asked anew: the team may have closed it while this statement waited for them.
        is_closed = Task.objects.filter(pk=task.pk, closed_at__isnull=False).exists()
        raise TaskIsClosed if is_closed else TaskTaken
    if not User.objects.filter(pk=by.pk, open_claim_count__lt=CLAIMS_AT_ONCE).update(
        open_claim_count=F("open_claim_count") + 1
    ):
        raise TooManyClaims
    record(TaskClaimed(**_facts(claim, task)), by=by)
    return claim


@transaction.atomic(durable=True)
def release_claim(*, claim_id: int, by: User) -> Claim:
    """Give up one's own claim, or, as who runs the board, take it back. Raises `NotFound`, `ClaimLost`."""
    claim = _visible(claim_id, by)
    if claim.claimant_id != by.pk:
        _must_run(claim, by)
    reason = ReleaseReason.GIVEN_UP if claim.claimant_id == by.pk else ReleaseReason.REVOKED
    if not release(claim, reason, by=by):
        raise ClaimLost
    return Claim.objects.get(pk=claim.pk)


@transaction.atomic(durable=True)
def expire_claim(*, claim_id: int) -> bool:
    """Release a claim whose time has run out; false when it has not, or was not held any more."""
    claim = Claim.objects.filter(pk=claim_id).select_related("task").first()
    return claim is not None and release(claim, ReleaseReason.EXPIRED, by=None)


def expire_claims() -> int:
    """Release every claim whose time has run out, each in a transaction of its own; says how many."""
    lapsed = Claim.objects.filter(state=ClaimState.CLAIMED, expires_at__lte=timezone.now())
    return sum(
        expire_claim(claim_id=pk) for pk in lapsed.order_by("expires_at").values_list("pk", flat=True)[:500]
    )


@transaction.atomic(durable=True)
def renew_claim(*, claim_id: int, by: User) -> Claim:
    """Hold a claim for its board's hours again, from now on. Raises `NotFound`, `ClaimLost`."""
    claim = _visible(claim_id, by)
    if claim.claimant_id != by.pk:
        raise NotFound
    hours = Task.objects.values_list("board__claim_hours", flat=True).get(pk=claim.task_id)
    if not Claim.objects.filter(pk=claim.pk, state=ClaimState.CLAIMED, expires_at__gt=timezone.now()).update(
        expires_at=timezone.now() + timedelta(hours=hours)
    ):
        raise ClaimLost
    return Claim.objects.get(pk=claim.pk)


@transaction.atomic(durable=True)
def submit_work(
    *,
    claim_id: int,
    by: User,
    note: str = "",
    links: list[str] | None = None,
    minutes_spent: int | None = None,
    attachment_ids: Sequence[int] = (),
) -> Claim:
    """Hand in work for review, all of it: what was attached before and is not named is removed.

    Raises `NotFound` for another's claim, `ClaimLost`, `Invalid`, and what `media.placements.attach` does.
    """
    claim = _visible(claim_id, by)
    if claim.claimant_id != by.pk:
        raise NotFound
    if minutes_spent is not None and not 0 <= minutes_spent <= MOST_MINUTES:
        raise Invalid("minutesSpent", f"0 to {MOST_MINUTES} minutes.")
    facts = {
        "note": clean_text(note, field="note", longest=5_000),
        "links": clean_links(links or []),
        "minutes_spent": minutes_spent,
    }
    now = timezone.now()
    if not Claim.objects.filter(pk=claim.pk, state=ClaimState.CLAIMED, expires_at__gt=now).update(
        state=ClaimState.SUBMITTED, submitted_at=now, **facts
    ):
        raise ClaimLost
    _count(claim, claimed=-1, submitted=+1)
    attach(claim, attachment_ids, by=by)
    record(WorkSubmitted(**_facts(claim, claim.task)), by=by)
    return Claim.objects.get(pk=claim.pk)


@transaction.atomic(durable=True)
def review_work(*, claim_id: int, by: User, verdict: str, note: str = "") -> Claim:
    """Accept submitted work, or ask for changes. Raises `NotFound` for whoever does not run the board, `ClaimLost`."""
    claim = _visible(claim_id, by)
    _must_run(claim, by)
    verdict = clean_choice(verdict, WorkVerdict, field="verdict")
    note = clean_text(note, field="note", longest=5_000)
    submitted = Claim.objects.filter(pk=claim.pk, state=ClaimState.SUBMITTED)
    if verdict == WorkVerdict.ACCEPT:
        if not submitted.update(state=ClaimState.ACCEPTED, review_note=note):
            raise ClaimLost
        _count(claim, submitted=-1, accepted=+1)
        claim.refresh_from_db(fields=["minutes_spent"])
        User.objects.filter(pk=claim.claimant_id).update(
            open_claim_count=F("open_claim_count") - 1,
            completed_task_count=F("completed_task_count") + 1,
            minutes_given=F("minutes_given") + (claim.minutes_spent or 0),
        )
    else:
        hours = Task.objects.values_list("board__claim_hours", flat=True).get(pk=claim.task_id)
        # The clock starts again: the time that the work lay with its reviewer was not the claimant's.
        lasts_until = timezone.now() + timedelta(hours=hours)
        if not submitted.update(state=ClaimState.CLAIMED, review_note=note, expires_at=lasts_until):
            raise ClaimLost
        _count(claim, submitted=-1, claimed=+1)
    record(WorkReviewed(**_facts(claim, claim.task), verdict=verdict), by=by)
    return Claim.objects.get(pk=claim.pk)


def release(claim: Claim, reason: ReleaseReason, *, by: User | None) -> bool:
    """Free the place that a claim takes, in the caller's transaction; false when it takes none that can be freed."""
    held = Claim.objects.filter(pk=claim.pk, state__in=(ClaimState.CLAIMED, ClaimState.SUBMITTED))
    if reason == ReleaseReason.EXPIRED:
        # A submitted claim waits for its reviewer, and does not lapse.
        held = held.filter(state=ClaimState.CLAIMED, expires_at__lte=timezone.now())
    # Locked before it is looked at, so that the counter of the state that it really has is lowered, and no claim lapses
    # that is renewed or reviewed at this moment.
    state = held.select_for_update(no_key=True).values_list("state", flat=True).first()
    if state is None:
        return False
    Claim.objects.filter(pk=claim.pk).update(
        state=ClaimState.RELEASED, release_reason=reason, released_at=timezone.now()
    )
    _count(claim, **{state.lower(): -1})
    User.objects.filter(pk=claim.claimant_id).update(open_claim_count=F("open_claim_count") - 1)
    record(ClaimReleased(**_facts(claim, claim.task), reason=reason.value), by=by)
    return True


def clean_links(links: list[str]) -> list[str]:
    """At most ten web addresses, http or https, each of at most 500 characters."""
    if len(links) > MOST_LINKS:
        raise Invalid("links", f"At most {MOST_LINKS}.")
    valid = URLValidator(schemes=["http", "https"])
    cleaned = [clean_line(link, field="links", longest=500) for link in links]
    try:
        for link in cleaned:
            valid(link)
    except ValidationError:
        raise Invalid("links", "Addresses that start with https://.") from None
    return cleaned


def _visible(claim_id: int, by: User) -> Claim:
    claim = Claim.objects.visible_to(by).filter(pk=claim_id).select_related("task").first()
    if claim is None:
        raise NotFound
    return claim


def _must_run(claim: Claim, by: User) -> None:
    if not Task.objects.run_by(by).filter(pk=claim.task_id).exists():
        raise NotFound


def _count(claim: Claim, *, claimed: int = 0, submitted: int = 0, accepted: int = 0) -> None:
    Task.objects.filter(pk=claim.task_id).update(
        claimed_count=F("claimed_count") + claimed,
        submitted_count=F("submitted_count") + submitted,
        accepted_count=F("accepted_count") + accepted,
        version=F("version") + 1,
    )


def _facts(claim: Claim, task: Task) -> dict[str, int]:
    return {
        "board_id": task.board_id,
        "task_id": task.pk,
        "claim_id": claim.pk,
        "claimant_id": claim.claimant_id,
    }
