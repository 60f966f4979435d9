"""What is followed and what is told: the same fields of the same event, whoever tells it."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from tests.bench.live.data import task_on

#: About four fields of a task, none of which depends on who looks.
PLAIN = """subscription Live($boardId: ID!) {
  boardEvents(boardId: $boardId) {
    __typename cursor occurredAt
    ... on TaskEdited { task { id title state openSlots } }
  }
}"""
#: The same, and what the task is to whoever looks.
VIEWER = PLAIN.replace("openSlots", "openSlots viewerClaim { id state } viewerCan")
#: The fields that only `VIEWER` asks for.
OWN = ("viewerClaim", "viewerCan")

#: A subscription's number on its socket: one for all, so that the frames of all sockets are the same bytes.
OPERATION = "1"


def global_id(type_name: str, pk: int) -> str:
    """The id of a row, spelled as the project spells it."""
    return base64.urlsafe_b64encode(f"{type_name}:{pk}".encode()).decode().rstrip("=")


def title(count: int) -> str:
    """What a task is called after so many events."""
    return f"Clean the sluice above the mill, part {count:06}"


def told_by_peers(board: int, seq: int, count: int) -> dict[str, Any]:
    """The event as the peers are handed it, with a cursor that looks like the project's."""
    text = json.dumps([f"board:{board}", seq], separators=(",", ":"))
    return {
        "__typename": "TaskEdited",
        "cursor": base64.urlsafe_b64encode(f"{'0' * 16}{text}".encode()).decode().rstrip("="),
        "occurredAt": datetime.now(UTC).isoformat(),
        "task": {
            "id": global_id("Task", task_on(board, count)),
            "title": title(count),
            "state": "OPEN",
            "openSlots": 1,
        },
    }


def frame(event: dict[str, Any]) -> bytes:
    """The message in which graphql-transport-ws brings an event."""
    message = {"id": OPERATION, "type": "next", "payload": {"data": {"boardEvents": event}}}
    return json.dumps(message, separators=(",", ":")).encode()


def event_in(message: bytes) -> dict[str, Any] | None:
    """The event that a message brings; None when it brings none, or an error beside it."""
    said = json.loads(message)
    if said.get("type") != "next" or "errors" in said["payload"]:
        return None
    event: dict[str, Any] = said["payload"]["data"]["boardEvents"]
    return event if event["__typename"] == "TaskEdited" else None


def place_of(cursor: str) -> tuple[int, int]:
    """The board of an event and its number there."""
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[16:]
    stream, seq = json.loads(text)
    return int(stream.removeprefix("board:")), int(seq)
