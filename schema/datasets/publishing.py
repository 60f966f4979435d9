"""A version is published once a day, whole or not at all."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from media.storage import store
from schema.datasets.files import MEDIA_TYPES
from schema.datasets.licences import LICENCES
from schema.datasets.models import Version
from schema.datasets.packages import package_text
from schema.datasets.snapshots import Progress, Snapshot, take

#: The room of these files in the store.
ROOM = "open-data/"
#: Versions kept: the newest so many, and of older ones the first of each month for a year, and of each year for ever.
DAYS_KEPT = 14
MONTHS_KEPT = 12
#: A file that belongs to no version is swept after so long: somebody may be on the way to it, or be about to publish it.
UNKNOWN_FOR = timedelta(hours=1)
#: "acequia datasets", as a key of PostgreSQL's advisory locks.
LOCK = 0x_ACE0_DA7A


def publish(*, again: bool = False, told: Progress = lambda *_: None) -> Version | None:
    """Publish today's version; None where there is one already, unless it shall be made `again`, which replaces it.

    Two at once wait for one another, so that one of them publishes. Whoever dies in between has published nothing; what
    they left in the store is swept by one of the next. Raises `StorageAway`.
    """
    with _alone():
        sweep()
        if not again and Version.objects.filter(day=timezone.now().date()).exists():
            return None
        with TemporaryDirectory(prefix="acequia-datasets-") as folder:
            snapshot = take(Path(folder), told)
            keys = _kept(snapshot)
        version = _published(snapshot, keys)
        for day in outdated(list(Version.objects.values_list("day", flat=True))):
            Version.objects.filter(day=day).delete()
        sweep()
        return version


def sweep() -> int:
    """Remove the files that belong to no version any more, or never did; how many."""
    known = {key for keys in Version.objects.values_list("keys", flat=True) for key in keys.values()}
    before = timezone.now() - UNKNOWN_FOR
    unknown = [key for key, written in store().keys(ROOM) if key not in known and written < before]
    store().delete(unknown)
    return len(unknown)


def outdated(days: list[date]) -> list[date]:
    """Which of these versions are not kept."""
    newest_first = sorted(days, reverse=True)
    kept = set(newest_first[:DAYS_KEPT])
    firsts: dict[tuple[int, int], date] = {}
    years: dict[int, date] = {}
    for day in newest_first:
        firsts[day.year, day.month] = day
        years[day.year] = day
    kept |= {firsts[month] for month in sorted(firsts, reverse=True)[:MONTHS_KEPT]} | {*years.values()}
    return [day for day in newest_first if day not in kept]


@contextmanager
def _alone() -> Iterator[None]:
    # On the connection that writes the row: whoever loses the lock with it cannot publish any more.
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
            cursor.execute("RESET lock_timeout")


def _kept(snapshot: Snapshot) -> dict[str, str]:
    """Put the files into the store; their keys by their names."""
    keys = {}
    for _, files in snapshot.files.values():
        for ending, file in files.items():
            name = file.path.name
            keys[name] = f"{ROOM}{secrets.token_hex(16)}/{file.sha256[:32]}.{ending}"
            day = f"{snapshot.taken_at:%Y-%m-%d}"
            store().put(
                keys[name], file.path, content_type=MEDIA_TYPES[ending], filename=f"acequia-{day}-{name}"
            )
    return keys


@transaction.atomic(durable=True)
def _published(snapshot: Snapshot, keys: dict[str, str]) -> Version:
    day = snapshot.taken_at.date()
    licence = LICENCES[settings.OPEN_DATA_LICENCE]
    Version.objects.filter(day=day).delete()
    return Version.objects.create(
        day=day,
        taken_at=snapshot.taken_at,
        licence=licence.name,
        keys=keys,
        package=package_text(snapshot, site=settings.SITE_URL, licence=licence),
    )
