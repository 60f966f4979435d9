from dataclasses import dataclass

from django.db.models import OuterRef, Subquery, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat

from backend.core.events import Event
from backend.core.models import Stream


def board_stream(board_id: int | str) -> str:
    """The stream of one board; the only place where this name is spelled."""
    return f"board:{board_id}"


@dataclass(frozen=True, kw_only=True)
class BoardEvent(Event):
    """Something happened to a task on a board."""

    board_id: int
    task_id: int

    @property
    def stream(self) -> str:
        return board_stream(self.board_id)


@dataclass(frozen=True, kw_only=True)
class TaskCreated(BoardEvent):
    """A task is open to be claimed."""


@dataclass(frozen=True, kw_only=True)
class TaskEdited(BoardEvent):
    """Its words, slots or dates changed."""


@dataclass(frozen=True, kw_only=True)
class TaskMoved(BoardEvent):
    """It has another place on its board."""


@dataclass(frozen=True, kw_only=True)
class TaskClosed(BoardEvent):
    """The team takes no more work on it."""


@dataclass(frozen=True, kw_only=True)
class ClaimEvent(BoardEvent):
    """Something happened to somebody's claim of a task."""

    claim_id: int
    claimant_id: int


@dataclass(frozen=True, kw_only=True)
class TaskClaimed(ClaimEvent):
    """Somebody took a place."""


@dataclass(frozen=True, kw_only=True)
class ClaimReleased(ClaimEvent):
    """A place is free again: `reason` is a value of `ReleaseReason`."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class WorkSubmitted(ClaimEvent):
    """Work waits for review."""


@dataclass(frozen=True, kw_only=True)
class WorkReviewed(ClaimEvent):
    """The team looked at it: `verdict` is a value of `WorkVerdict`."""

    verdict: str


def board_head() -> Combinable:
    """The number of the last event of each board of a queryset; 0 before the first."""
    name = Concat(Value(board_stream("")), Cast(OuterRef("pk"), TextField()), output_field=TextField())
    return Coalesce(Subquery(Stream.objects.filter(name=name).values("seq")), 0)
