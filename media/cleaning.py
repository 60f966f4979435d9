"""Bytes that nobody needs any more are removed: by what PostgreSQL wrote down of them, and once a night by looking at all
that there is."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from media.checks import check_media, reject
from media.inspection import Reason
from media.models import Media, MediaState, Trash, Upload, Usage, Variant
from media.storage import store
from media.storage.port import StorageAway

#: Of a key that no row names it is certain by then that none ever will: no check lasts so long.
ORPHANED = timedelta(hours=24)
#: Parts of a file may wait for a store that is away; nobody waits for so long.
UNFINISHED = timedelta(days=7)
BATCH = 500
PREFIXES = ("quarantine/", "public/", "private/")

log = logging.getLogger("acequia.media")


def empty_trash(*, most: int = BATCH) -> int:
    """Remove the bytes of what was thrown away, then what was written of it; says how many. A job may run twice."""
    thrown = list(Trash.objects.order_by("pk")[:most])
    if not thrown:
        return 0
    try:
        for each in thrown:
            if each.parts_id:
                store().abandon_parts(each.key, each.parts_id)
        store().delete([each.key for each in thrown])
    except StorageAway:
        # What is written down waits for the next time.
        return 0
    return Trash.objects.filter(pk__in=[each.pk for each in thrown]).delete()[0]


@transaction.atomic(durable=True)
def delete_lapsed(*, most: int = BATCH) -> int:
    """Delete the files that have lost their place, or never had one for too long; says how many."""
    lapsed = Media.objects.lapsed().order_by("pk").select_for_update(skip_locked=True, of=("self",))
    pks = [media.pk for media in lapsed[:most]]
    Usage.objects.hold(Upload.objects.filter(media__in=pks))
    Media.objects.filter(pk__in=pks).delete()
    return len(pks)


def give_up_lost() -> int:
    """Refuse the files whose check kills whatever runs it: its job was parked. Says how many."""
    parked = ProcrastinateJob.objects.filter(task_name=check_media.name, status="failed")
    keys = [job.args["media_id"] for job in parked]
    lost = Media.objects.filter(pk__in=keys, state=MediaState.CHECKING).values_list("pk", flat=True)
    for pk in list(lost):
        reject(media_id=pk, reason=Reason.TOO_MUCH_WORK)
    return len(lost)


def sweep_orphans(*, before: datetime | None = None) -> int:
    """Throw away whatever the store has for long and no row names; says how many. Where it is away, another night.

    Such bytes come of a process that died between what it put and what it wrote down, and of a form that was used when it
    was too late.
    """
    before = before or timezone.now() - ORPHANED
    swept = 0
    try:
        for keys in _old_keys(before):
            orphans = set(keys) - _named(keys)
            Trash.objects.bulk_create([Trash(key=key) for key in sorted(orphans)], ignore_conflicts=True)
            swept += len(orphans)
        store().forget_unfinished(before=timezone.now() - UNFINISHED)
    except StorageAway:
        log.warning("the store is away: the sweep is done another night")
    return swept


def _old_keys(before: datetime) -> Iterator[list[str]]:
    for prefix in PREFIXES:
        old = (key for key, written in store().keys(prefix) if written < before)
        while page := list(islice(old, BATCH)):
            yield page


def _named(keys: list[str]) -> set[str]:
    # What was completed has left its key to its media, which gave it up when it was checked: what came later is nobody's.
    uploads = Upload.objects.filter(media=None)
    named: set[str] = set()
    for rows in (uploads, Media.objects.all(), Variant.objects.all(), Trash.objects.all()):
        named.update(rows.filter(key__in=keys).values_list("key", flat=True))
    return named
