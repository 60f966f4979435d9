from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from backend.accounts.models import User
from backend.boards import models
from backend.boards.events import board_stream
from schema.declarations import column, handed_keys, one, stream_cursor
from schema.member import refs
from schema.member.enums import WorkVerdict
from schema.policies import PUBLIC, shown_to
from schema.subscriptions import Stream, events, presence


@strawberry.enum(description="Why a place is free again, or why a subscriber must read anew.")
class EventReason(Enum):
    # One enumeration for both: GraphQL wants fields of one name in one selection to be of one type.
    GIVEN_UP = strawberry.enum_value("GIVEN_UP", description="Its holder gave it up.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Its time ran out.")
    REVOKED = strawberry.enum_value("REVOKED", description="The team took it back.")
    TOO_OLD = strawberry.enum_value("TOO_OLD", description="What came after the cursor is not kept any more.")


@shown_to(PUBLIC)
@strawberry.interface(description="Something that happened on a board.")
class BoardEvent:
    actor: refs.User | None = one(User, key="actor_id", description="Who did it; null for the house itself.")
    occurred_at: datetime = column("When.")
    cursor: str = stream_cursor(
        "Strictly increasing on one board; resume from the last one seen.",
        stream="",
        key="stream_id",
        seq="seq",
    )


def _task() -> Any:
    return one(
        models.Task,
        key="facts.task_id",
        # Of the board whose events are told, and so visible to whoever is told them.
        under=("board_id", "facts.board_id"),
        description="The task as it is when this is told; null if the viewer may not see it any more.",
    )


@strawberry.type(description="A task is open to be claimed.")
class TaskCreated(BoardEvent):
    task: refs.Task | None = _task()


@strawberry.type(description="A task's words, slots or dates changed.")
class TaskEdited(BoardEvent):
    task: refs.Task | None = _task()


@strawberry.type(description="A task has another place on its board.")
class TaskMoved(BoardEvent):
    task: refs.Task | None = _task()


@strawberry.type(description="The team takes no more work on a task.")
class TaskClosed(BoardEvent):
    task: refs.Task | None = _task()


@strawberry.type(description="Somebody took a place on a task.")
class TaskClaimed(BoardEvent):
    task: refs.Task | None = _task()


@strawberry.type(description="A place on a task is free again.")
class ClaimReleased(BoardEvent):
    task: refs.Task | None = _task()
    reason: EventReason = column("Why.", name="facts.reason")


@strawberry.type(description="Work on a task waits for review.")
class WorkSubmitted(BoardEvent):
    task: refs.Task | None = _task()


@strawberry.type(description="The team looked at work on a task.")
class WorkReviewed(BoardEvent):
    task: refs.Task | None = _task()
    verdict: WorkVerdict = column("What it decided.", name="facts.verdict")


@strawberry.type(
    description="Events are gone that one has not seen: load the board again, and go on from `cursor`."
)
class ResyncRequired(BoardEvent):
    reason: EventReason = column("Why.")


EVENTS = (
    TaskCreated,
    TaskEdited,
    TaskMoved,
    TaskClosed,
    TaskClaimed,
    ClaimReleased,
    WorkSubmitted,
    WorkReviewed,
    ResyncRequired,
)


@shown_to(PUBLIC)
@strawberry.type(description="Who looks at a board, when that has changed.")
class BoardPresence:
    present: list[refs.User] = handed_keys(
        User, keys="people", order=("handle",), description="Everybody who is looking at it now."
    )


@strawberry.type
class BoardSubscriptions:
    board_events: Stream[BoardEvent] = events(
        models.Board,
        policy=PUBLIC,
        stream=board_stream,
        description="What happens on a board, in order and without a gap, for whoever may see it. "
        "Refusals: `NOT_FOUND`, `BAD_CURSOR`.",
    )
    board_presence: Stream[BoardPresence] = presence(
        models.Board,
        policy=PUBLIC,
        description="Who looks at a board: first as it is, then whenever it changes. Refusals: `NOT_FOUND`.",
    )
