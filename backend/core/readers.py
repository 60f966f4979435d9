"""Who reads the log of events. A mark is left for each event that a reader wants, and deleted in the transaction that
deals with it: so however often a job runs, or dies, what an event means is written once."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.lookups import GreaterThan
from django.utils.module_loading import import_string
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from backend.core.models import Pending, RecordedEvent
from backend.core.queue import BACKOFF, log


@dataclass(frozen=True, kw_only=True)
class Reader:
    """The kinds of events that somebody wants, and what they do with one, a bounded part at a time.

    `deal(event, after)` runs inside a transaction and deals with those who come after a number (0: from the start);
    it answers the number of the last it dealt with, or None when nobody is left.
    """

    kinds: Container[str]
    deal: Callable[[RecordedEvent, int], int | None]


def leave_marks(rows: Sequence[RecordedEvent]) -> None:
    """Ask each reader that wants one of these events to read it, once the transaction that recorded them commits."""
    marks = [
        Pending(reader=name, event=row)
        for row in rows
        for name in settings.EVENT_READERS
        if row.kind in _reader(name).kinds
    ]
    if marks:
        Pending.objects.bulk_create(marks, batch_size=500)
        asked: list[JSONDict] = [{"reader": mark.reader} for mark in marks]
        read_log.batch_defer(*asked)


# A job names no event: as many jobs as there are marks, each deals with the one whose turn it is. So the order is that
# of the log, and what a worker that died was at comes first, whoever reads next.
@app.task(name="read_log", retry=BACKOFF, pass_context=True)
def read_log(context: JobContext, *, reader: str) -> None:
    """Deal with a part of an event; one that fails is put aside, and this job tries it again while others go on."""
    if context.job.attempts:
        # What killed a worker at the first try may kill the next one too: out of the way of others before it is tried.
        _put_aside(reader, job_id=context.job.id)
    read_next(reader, job_id=context.job.id)


def read_next(reader: str, *, job_id: int | None = None) -> bool:
    """Deal with a part of the event whose turn it is, in one transaction; false when no event waits for this reader."""
    mark = None
    try:
        with transaction.atomic(durable=True):
            mark = _turn(reader, job_id)
            if mark is not None:
                _deal(mark)
    except Exception:
        if mark is not None and job_id is not None:
            log.warning("%s could not deal with event %s", reader, mark.event_id, exc_info=True)
            Pending.objects.filter(pk=mark.pk).update(job_id=job_id)
        raise
    return mark is not None


def read_pending(reader: str) -> int:
    """Deal here and now with all that waits for a reader and was not put aside; says in how many parts."""
    parts = 0
    while read_next(reader):
        parts += 1
    return parts


def _deal(mark: Pending) -> None:
    last = _reader(mark.reader).deal(mark.event, mark.after)
    if last is None:
        mark.delete()
        return
    mark.after, mark.job_id = last, None
    mark.save(update_fields=["after", "job_id"])
    read_log.defer(reader=mark.reader)


@transaction.atomic(durable=True)
def _put_aside(reader: str, *, job_id: int | None) -> None:
    if mark := _turn(reader, job_id):
        mark.job_id = job_id
        mark.save(update_fields=["job_id"])


def _turn(reader: str, job_id: int | None) -> Pending | None:
    # One at a time, to the end of the transaction: two that tell the same people would else wait in a circle.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"reader:{reader}"])
    marks = Pending.objects.filter(reader=reader).select_related("event", "event__actor")
    own = marks.filter(job_id=job_id).first() if job_id is not None else None
    # The news of a crowd goes on when nothing new waits: whoever is told alone does not wait for ten thousand others.
    return own or marks.filter(job_id=None).order_by(GreaterThan(F("after"), 0), "event_id").first()


def _reader(name: str) -> Reader:
    return cast(Reader, import_string(settings.EVENT_READERS[name]))
