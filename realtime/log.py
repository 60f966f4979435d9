"""What the hub reads of the event log, by statements that are made once."""

from datetime import datetime
from functools import cache
from typing import Any

import orjson

from backend.core.events import since
from backend.core.models import RecordedEvent, Stream
from schema.planner.slots import Run, Slot
from schema.planner.statements import Statement, statement_of

#: Rows read at once; what is more is read when those are told.
BATCH = 200


def after(stream: str, seq: int) -> list[RecordedEvent]:
    """The next events of a stream after a number, oldest first, `BATCH` of them at most."""
    rows = _events(BATCH).rows(Run(None, {"stream": stream, "seq": seq}))
    return [_event(stream, *row) for row in rows]


def head(stream: str) -> int:
    """The number of the last committed event of a stream; 0 before the first."""
    row = _head().fetch(Run(None, {"stream": stream}))
    return int(row[0] or 0) if row else 0


def _event(stream: str, *row: bytes | None) -> RecordedEvent:
    seq, kind, actor_id, facts, occurred_at = row
    return RecordedEvent(
        stream_id=stream,
        seq=int(seq or 0),
        kind=(kind or b"").decode(),
        actor_id=int(actor_id) if actor_id else None,
        facts=orjson.loads(facts or b"{}"),
        occurred_at=datetime.fromisoformat((occurred_at or b"").decode()),
    )


@cache
def _events(batch: int) -> Statement:
    rows = since(_slot("stream", "text"), _slot("seq", "bigint"))
    return statement_of(rows.values_list("seq", "kind", "actor", "facts", "occurred_at")[:batch])


@cache
def _head() -> Statement:
    return statement_of(Stream.objects.filter(pk=_slot("stream", "text")).order_by().values_list("seq"))


def _slot(name: str, kind: str) -> Any:
    return Slot(lambda run: run.variables[name], kind)
