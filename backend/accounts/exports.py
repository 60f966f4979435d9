"""A copy of all that the house holds of a person, for that person: asked for, made by a job, and gone after a week."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from backend.accounts.archive import PART, Parts, rows_of, write_archive
from backend.accounts.models import DataExport, ExportPart, ExportState, User
from backend.core.queue import ATTEMPTS, BACKOFF
from backend.core.refusals import NotFound, Refusal

KEPT = timedelta(days=7)
#: That there was one is shown for so long.
REMEMBERED = timedelta(days=30)
#: From the asking for one that was made to the next.
BETWEEN = timedelta(days=1)
#: How long an address lasts that an export is fetched at.
ADDRESS_LASTS = timedelta(minutes=15)
UNFINISHED = (ExportState.PENDING, ExportState.RUNNING)
_signer = signing.TimestampSigner(salt="acequia.export")


class ExportedToday(Refusal):
    code = "LIMIT"
    message = "You had an export made within the last day: fetch that one, or ask again tomorrow."


class Superseded(Exception):
    """Another run of the job, or nobody at all, writes this export now."""


@transaction.atomic(durable=True)
def request_data_export(*, by: User) -> DataExport:
    """Ask for an export; where one is being made already, that is the answer. Raises `NotFound`, `ExportedToday`."""
    # Whoever presses twice waits here for their first time.
    if not User.objects.select_for_update(no_key=True).filter(pk=by.pk, is_active=True).exists():
        raise NotFound
    own = DataExport.objects.filter(user=by)
    running = own.filter(state__in=UNFINISHED).first()
    if running is not None:
        return running
    if own.exclude(state=ExportState.FAILED).filter(created_at__gt=timezone.now() - BETWEEN).exists():
        raise ExportedToday
    export = DataExport.objects.create(user=by)
    make_export.defer(export_id=export.pk)
    return export


@app.task(name="make_export", retry=BACKOFF, pass_context=True)
def make_export(context: JobContext, *, export_id: int) -> None:
    """Put an export together; the last try that fails gives it up, so that its owner may ask again."""
    try:
        build_export(export_id=export_id)
    except Exception:
        if context.job.attempts >= ATTEMPTS - 1:
            fail_export(export_id=export_id)
        raise


def build_export(*, export_id: int) -> None:
    """Make the zip of an export, from its start, whatever a run before left; one that is made stays as it is.

    Each part is stored as it fills, with how far the export has got: no transaction lasts longer than a part.
    """
    with contextlib.suppress(Superseded):
        attempt = _begin(export_id)
        user_id = DataExport.objects.values_list("user_id", flat=True).get(pk=export_id)
        total = sum(rows.count() for _, rows in rows_of(user_id))
        _mark(export_id, attempt, total=total)
        number = size = 0

        def store(data: bytes) -> None:
            nonlocal number, size
            with transaction.atomic(durable=True):
                # The mark first: it locks the row, so a run that has lost its right writes nothing behind this one.
                _mark(export_id, attempt, size=size + len(data))
                ExportPart.objects.create(export_id=export_id, attempt=attempt, number=number, data=data)
            number, size = number + 1, size + len(data)

        with Parts(store, size=PART) as file:
            write_archive(user_id, file, progress=lambda done: _mark(export_id, attempt, done=done))
        _finish(export_id, attempt)


@transaction.atomic(durable=True)
def fail_export(*, export_id: int) -> None:
    """Give an export up, so that its owner may ask again."""
    DataExport.objects.filter(pk=export_id, state__in=UNFINISHED).update(
        state=ExportState.FAILED, finished_at=timezone.now()
    )
    ExportPart.objects.filter(export=export_id).delete()


def expire_exports() -> int:
    """Delete the bytes of exports that have had their week, and give up those nobody finishes; says how many."""
    now = timezone.now()
    lost = DataExport.objects.filter(state__in=UNFINISHED, created_at__lte=now - BETWEEN)
    for pk in lost.values_list("pk", flat=True)[:100]:
        fail_export(export_id=pk)
    old = DataExport.objects.filter(state=ExportState.READY, expires_at__lte=now)
    pks = list(old.order_by("pk").values_list("pk", flat=True)[:100])
    for pk in pks:
        _expire(pk)
    # Of the oldest not even that they were asked for is kept.
    DataExport.objects.filter(created_at__lte=now - REMEMBERED).exclude(state=ExportState.READY).delete()
    return len(pks)


def address_of(export_id: int, state: str, expires_at: datetime | None) -> str | None:
    """The path where a ready export may be fetched for the next quarter of an hour; none for others."""
    if state != ExportState.READY or expires_at is None or expires_at <= timezone.now():
        return None
    return f"/exports/{_signer.sign(str(export_id))}"


def export_at(signed: str) -> DataExport:
    """The export that a signed address names, if it is there to be fetched and its owner has not left.

    Raises `NotFound`, whatever is wrong.
    """
    try:
        pk = int(_signer.unsign(signed, max_age=ADDRESS_LASTS))
    except (signing.BadSignature, ValueError):
        raise NotFound from None
    ready = DataExport.objects.filter(
        pk=pk, state=ExportState.READY, expires_at__gt=timezone.now(), user__is_active=True
    )
    export = ready.first()
    if export is None:
        raise NotFound
    return export


def parts_of(export: DataExport) -> Iterator[bytes]:
    """The bytes of an export, a part at a time; it ends early if the export is deleted meanwhile."""
    parts = ExportPart.objects.filter(export=export, attempt=export.attempt)
    number = 0
    while (data := parts.filter(number=number).values_list("data", flat=True).first()) is not None:
        yield bytes(data)
        number += 1


@transaction.atomic(durable=True)
def _begin(export_id: int) -> int:
    export = DataExport.objects.select_for_update(no_key=True).filter(pk=export_id, state__in=UNFINISHED)
    if not export.update(state=ExportState.RUNNING, attempt=F("attempt") + 1, done=0, size=0):
        raise Superseded
    ExportPart.objects.filter(export=export_id).delete()
    attempt: int = export.aggregate(attempt=Max("attempt"))["attempt"]
    return attempt


def _mark(export_id: int, attempt: int, **facts: int) -> None:
    # On the row's own columns: that its owner has left, closing the account says by deleting it.
    if not DataExport.objects.filter(pk=export_id, state=ExportState.RUNNING, attempt=attempt).update(
        **facts
    ):
        raise Superseded


@transaction.atomic(durable=True)
def _finish(export_id: int, attempt: int) -> None:
    now = timezone.now()
    ready = DataExport.objects.filter(pk=export_id, state=ExportState.RUNNING, attempt=attempt)
    if not ready.update(state=ExportState.READY, done=F("total"), finished_at=now, expires_at=now + KEPT):
        raise Superseded


@transaction.atomic(durable=True)
def _expire(export_id: int) -> None:
    DataExport.objects.filter(pk=export_id, state=ExportState.READY).update(state=ExportState.EXPIRED)
    ExportPart.objects.filter(export=export_id).delete()
