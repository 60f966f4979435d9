"""What arrived is looked at, away from whoever waits: what is as announced and harmless is kept as its variants, and
nothing else ever leaves quarantine."""

import hashlib
import logging
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from backend.core.events import record
from backend.core.queue import ATTEMPTS, BACKOFF
from media.arrivals import NotAsAnnounced, demand_arrival
from media.events import MediaChecked
from media.inspection import EXTENSIONS, Findings, InspectionFailed, Reason, Rejected, Rendition, inspect
from media.models import STANDS_NOWHERE_FOR, Media, MediaState, Trash, Upload, Variant
from media.models.purposes import PUBLIC
from media.storage import store
from media.storage.port import Missing, StorageAway, TooLarge

#: The lane of jobs that move bytes: a large file, or a store that does not answer, holds up no other job.
MEDIA = "media"
#: Seconds between two looks for a store that is away, at most.
LONGEST_WAIT = 60

log = logging.getLogger("acequia.media")


@app.task(name="check_media", queue=MEDIA, retry=BACKOFF, pass_context=True)
def check_media(context: JobContext, *, media_id: int, waits: int = 0) -> None:
    """Check a file; where the store is away, as often as it takes until it is back."""
    try:
        check(media_id=media_id)
    except (StorageAway, InspectionFailed) as away:
        # A new job and not another try of this one: tries are counted, and then it would be parked.
        log.warning("file %s waits for its check: %s", media_id, type(away).__name__)
        later = min(2**waits, LONGEST_WAIT)
        check_media.configure(schedule_in={"seconds": later}).defer(
            media_id=media_id, waits=min(waits + 1, 10)
        )
    except Exception:
        if context.job.attempts >= ATTEMPTS - 1:
            reject(media_id=media_id, reason=Reason.TOO_MUCH_WORK)
        raise


def check(*, media_id: int) -> None:
    """Decide on a file that has arrived; one that is decided stays so, and one that is gone is nobody's.

    Every run puts what it keeps under keys of its own: what one that died has left, no row will ever name. Raises
    `StorageAway` and `InspectionFailed`, and then nothing is decided.
    """
    media = Media.objects.filter(pk=media_id, state=MediaState.CHECKING).select_related("upload").first()
    if media is None:
        return
    with tempfile.TemporaryDirectory(prefix="acequia-check-") as folder:
        try:
            findings = _inspected(media, Path(folder))
        except Rejected as rejected:
            reject(media_id=media_id, reason=rejected.reason)
            return
        _keep(media, findings)


@transaction.atomic(durable=True)
def reject(*, media_id: int, reason: Reason) -> None:
    """Refuse a file for good: its bytes go, its quota is given back, and its owner is told why."""
    media = _checking(media_id)
    if media is None:
        return
    _decide(media, state=MediaState.REJECTED, reason=reason)
    Upload.objects.filter(media=media).update(charged=0)
    record(_checked(media, MediaState.REJECTED, reason), by=None)


def _inspected(media: Media, folder: Path) -> Findings:
    source, into = folder / "source", folder / "renditions"
    into.mkdir()
    try:
        demand_arrival(media.upload)
        # Looked at again, all of it: a form that was not used up may have sent something else since.
        store().fetch(media.key, source, most=media.byte_size)
    except (NotAsAnnounced, Missing, TooLarge):
        raise Rejected(Reason.MISMATCH) from None
    with source.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != media.sha256:
            raise Rejected(Reason.MISMATCH)
    return inspect(source, declared=media.content_type, into=into)


def _keep(media: Media, findings: Findings) -> None:
    room = "public" if media.purpose in PUBLIC else "private"
    variants = [_variant(media, rendition, room) for rendition in findings.renditions]
    try:
        for variant, rendition in zip(variants, findings.renditions, strict=True):
            store().put(
                variant.key,
                rendition.path,
                content_type=rendition.content_type,
                filename="" if room == "public" else media.filename,
            )
        is_kept = _commit(media, findings, variants)
    except BaseException:
        _throw_away(variants)
        raise
    if not is_kept:
        _throw_away(variants)


@transaction.atomic(durable=True)
def _commit(media: Media, findings: Findings, variants: Sequence[Variant]) -> bool:
    """Make a file ready; false when it was decided by another run, or deleted, meanwhile."""
    standing = _checking(media.pk)
    if standing is None:
        return False
    _decide(
        standing,
        state=MediaState.READY,
        width=findings.width,
        height=findings.height,
        placeholder=findings.placeholder,
        color=findings.color,
    )
    Variant.objects.bulk_create(variants)
    # Never more than was announced: what was promised to its owner fits, whatever the variants weigh.
    kept = sum(variant.byte_size for variant in variants)
    Upload.objects.filter(media=media).update(charged=min(kept, media.byte_size))
    record(_checked(standing, MediaState.READY, ""), by=None)
    return True


def _throw_away(variants: Sequence[Variant]) -> None:
    named = set(
        Variant.objects.filter(key__in=[variant.key for variant in variants]).values_list("key", flat=True)
    )
    thrown = [Trash(key=variant.key) for variant in variants if variant.key not in named]
    Trash.objects.bulk_create(thrown, ignore_conflicts=True)


def _checking(media_id: int) -> Media | None:
    return Media.objects.select_for_update(no_key=True).filter(pk=media_id, state=MediaState.CHECKING).first()


def _decide(media: Media, **facts: object) -> None:
    now = timezone.now()
    Media.objects.filter(pk=media.pk).update(
        **facts, key="", checked_at=now, expires_at=now + STANDS_NOWHERE_FOR
    )


def _variant(media: Media, rendition: Rendition, room: str) -> Variant:
    # A folder for each: of a small picture two sizes are the same bytes.
    place = f"{room}/{uuid.uuid4().hex}/"
    return Variant(
        media=media,
        name=rendition.name,
        key=f"{place}{rendition.sha256[:32]}{EXTENSIONS[rendition.content_type]}",
        content_type=rendition.content_type,
        width=rendition.width,
        height=rendition.height,
        byte_size=rendition.byte_size,
    )


def _checked(media: Media, state: MediaState, reason: str) -> MediaChecked:
    return MediaChecked(user_id=media.owner_id, media_id=media.pk, state=state.value, reason=str(reason))
