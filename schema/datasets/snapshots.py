"""The files of all tables, of one moment."""

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from schema.datasets.files import MEDIA_TYPES, File, finished, write_parquet, write_rows
from schema.datasets.tables import Table, tables
from schema.opendata.role import DATABASE

#: Told how far it is: the place of the table, how many there are, its name, and its rows so far; None when it is done.
Progress = Callable[[int, int, str, int | None], None]


@dataclass(frozen=True)
class Snapshot:
    """What there was at one moment: of each table how many rows, and its files by the ends of their names."""

    taken_at: datetime
    files: Mapping[Table, tuple[int, Mapping[str, File]]]


def take(folder: Path, told: Progress) -> Snapshot:
    """Write the files of all tables into a folder.

    Rows are read in one transaction that only reads, REPEATABLE READ, so what one file points at is in another; what takes
    longest of the rest is done when it is over, because no dead row goes away while it lasts.
    """
    every = tables()
    counts = {}
    with _one_moment() as cursor:
        cursor.execute("SELECT now()")
        (taken_at,) = cursor.fetchone()
        for place, table in enumerate(every, 1):

            def so_far(rows: int, place: int = place, name: str = table.name) -> None:
                told(place, len(every), name, rows)

            so_far(0)
            counts[table] = write_rows(cursor, table, folder, so_far)
            so_far(counts[table])
    files = {}
    for place, table in enumerate(every, 1):
        write_parquet(table, folder)
        named = {ending: finished(folder / f"{table.name}.{ending}") for ending in MEDIA_TYPES}
        files[table] = counts[table], named
        told(place, len(every), table.name, None)
    return Snapshot(taken_at, files)


@contextmanager
def _one_moment() -> Any:
    with transaction.atomic(using=DATABASE, durable=True), connections[DATABASE].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # A server's own bounds are for requests.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        yield cursor
