from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.module_loading import import_string

from backend.core.models import Pending, RecordedEvent, Stream
from backend.core.readers import leave_marks

_kinds: dict[str, type[Event]] = {}

#: The stream on which PostgreSQL itself tells that somebody lost a right (`backend.core.rights`).
RIGHTS = "rights"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """What happened, past tense, on one stream; a subclass adds its references as int, str or None fields.

    Its class name is its kind in the log and the name of its GraphQL type: a class, once released, is never renamed.
    """

    kind: ClassVar[str]

    def __init_subclass__(cls) -> None:
        other = _kinds.get(cls.__name__)
        # The same class comes by twice when a module is loaded again.
        if other and (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"two events are called {cls.__name__}")
        cls.kind = cls.__name__
        _kinds[cls.kind] = cls

    @property
    def stream(self) -> str:
        """The name of the stream that it is told on."""
        raise NotImplementedError

    @classmethod
    def of(cls, row: RecordedEvent) -> Self:
        """The event as it was recorded."""
        return cls(**row.facts)


def event_of(row: RecordedEvent) -> Event:
    """The event of a row of the log, as an instance of its own class."""
    return _kinds[row.kind].of(row)


def record(*events: Event, by: models.Model | None) -> list[RecordedEvent]:
    """Write events into the log inside the transaction that made them true, and poke their streams after its commit.

    Call it last in an action: the rows of streams are the last locks taken, so no two actions wait for each other in a
    circle, and they are held to the commit, so the numbers of a stream have no gap and follow the order of commits.
    The rows come back in the order of the events. Raises `TransactionManagementError` outside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("record() belongs inside the transaction of its action")
    if not events:
        return []
    now = timezone.now()
    numbers = _take_numbers(Counter(event.stream for event in events))
    rows = [
        RecordedEvent(
            stream_id=event.stream,
            seq=next(numbers[event.stream]),
            kind=event.kind,
            actor_id=by.pk if by else None,
            facts=dataclasses.asdict(event),
            occurred_at=now,
        )
        for event in events
    ]
    RecordedEvent.objects.bulk_create(rows, batch_size=500)
    leave_marks(rows)
    marks = [(row.stream_id, row.seq) for row in rows]
    # robust: the events stand; a poke that fails must not turn a finished write into an error.
    transaction.on_commit(lambda: _sink()(marks), robust=True)
    return rows


def since(stream: str, seq: int) -> models.QuerySet[RecordedEvent]:
    """The events of a stream after a number, oldest first."""
    return RecordedEvent.objects.filter(stream=stream, seq__gt=seq).order_by("seq").select_related("actor")


def heads(streams: Sequence[str]) -> dict[str, int]:
    """The number of the last committed event of each of these streams that has one."""
    return dict(Stream.objects.filter(name__in=streams).values_list("name", "seq"))


def forget(*, before: datetime, most: int) -> int:
    """Delete the oldest events, of those that happened before a moment, and say how many.

    What a stream keeps has no gap: an event that a reader still has to deal with stays, and all that follow it there.
    """
    kept = RecordedEvent.objects.filter(occurred_at__gte=before).aggregate(first=models.Min("pk"))["first"]
    # A stream's row is locked while its events take their keys: they rise as its numbers do.
    waits = Pending.objects.filter(event__stream=OuterRef("stream"), event__lte=OuterRef("pk"))
    old = RecordedEvent.objects.filter(~Exists(waits))
    if kept is not None:
        old = old.filter(pk__lt=kept)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:most])
    RecordedEvent.objects.filter(pk__in=keys).delete()
    return len(keys)


def _take_numbers(counts: Counter[str]) -> dict[str, Iterator[int]]:
    # Sorted, and written in that order by one statement: two actions that speak on the same two streams lock them in
    # the same order. The first event of a stream needs no look before it.
    names = sorted(counts)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_stream (name, seq) SELECT * FROM unnest(%s::text[], %s::bigint[]) "
            "ON CONFLICT (name) DO UPDATE SET seq = core_stream.seq + excluded.seq RETURNING name, seq",
            [names, [counts[name] for name in names]],
        )
        return {name: iter(range(last - counts[name] + 1, last + 1)) for name, last in cursor.fetchall()}


def _sink() -> Callable[[Iterable[tuple[str, int]]], None]:
    sink: Callable[[Iterable[tuple[str, int]]], None] = import_string(settings.EVENT_SINK)
    return sink
