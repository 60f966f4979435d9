"""Accepted work stays with the project that accepted it; of all other work nothing is left but that it was begun."""

from typing import Any

from django.db.models import Q

from backend.boards.claims import release
from backend.boards.models import Board, Claim, ClaimState, ReleaseReason, Task
from backend.core.holdings import Fate, Holding, Told, locked
from backend.projects.models import Project

BLANKED, KEPT = Fate.BLANKED, Fate.KEPT
_IS_ACCEPTED = Q(state=ClaimState.ACCEPTED)
_EMPTY: dict[str, Any] = {"note": "", "links": [], "review_note": "", "minutes_spent": None}


def _let_go(person: int, most: int) -> int:
    """Free the places that they hold, and those that others hold in what is deleted with them."""
    whose = Q(claimant=person) | Q(task__board__project__in=Project.objects.only_of(person))
    held = Claim.objects.filter(whose, state__in=(ClaimState.CLAIMED, ClaimState.SUBMITTED))
    # One at a time, as a person would: after its locks comes the board's stream, which is the last to be taken.
    claims = list(held.select_related("task").order_by("pk")[:1])
    for claim in claims:
        release(claim, ReleaseReason.GIVEN_UP, by=None)
    return len(claims) or _empty(person, most)


def _empty(person: int, most: int) -> int:
    released = Claim.objects.filter(claimant=person, state=ClaimState.RELEASED)
    # exclude() would let a null pass for a difference.
    said = ~Q(note="") | ~Q(links=[]) | ~Q(review_note="") | Q(minutes_spent__isnull=False)
    claims = locked(released.filter(said), most)
    return Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(**_EMPTY)


def _work(fate: Fate) -> dict[str, Told]:
    return {
        "task": Told("The number of the task.", KEPT, "task__number"),
        "board": Told("Its board.", KEPT, "task__board__title"),
        "project": Told("Its project.", KEPT, "task__board__project__slug"),
        "state": Told("Where it stands.", KEPT),
        "claimed_at": Told("When you claimed it.", KEPT),
        "expires_at": Told("Until when.", KEPT),
        "released_at": Told("When it was given up.", KEPT),
        "release_reason": Told("Why it was given up.", KEPT),
        "submitted_at": Told("When you handed it in.", KEPT),
        "note": Told("What you said about your work.", fate),
        "links": Told("Where your work is.", fate),
        "minutes_spent": Told("How long it took you, in minutes.", fate),
        "review_note": Told("What the team said about it.", fate),
    }


HOLDINGS = (
    Holding(
        name="claims",
        says="the tasks that you claimed, and the work that was not accepted.",
        model=Claim,
        whose="claimant",
        only=~_IS_ACCEPTED,
        columns=_work(BLANKED),
        erase=_let_go,
    ),
    Holding(
        name="accepted_work",
        says="your work that was accepted.",
        model=Claim,
        whose="claimant",
        only=_IS_ACCEPTED,
        columns=_work(KEPT),
    ),
)

#: What a board and its tasks say is the project's; nobody's name is on it.
NOT_PERSONAL = {
    Board: ("id", "project", "title", "claim_hours", "created_at", "last_task_number"),
    Task: (
        *("id", "board", "number", "title", "body", "body_html", "skills", "labels", "estimate_minutes"),
        *("slots", "position", "due_at", "created_at", "closed_at", "version", "imported_from"),
        *("claimed_count", "submitted_count", "accepted_count", "comment_count", "open_slots", "state"),
    ),
    Claim: ("id", "claimant"),
}
