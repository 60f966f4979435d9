"""The files of one table: JSON Lines and CSV as PostgreSQL tells its rows, Parquet made of the first."""

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import orjson
from psycopg import sql

from schema.datasets.cells import cell
from schema.datasets.tables import Table

#: Media types by the end of a file's name (RFC 4180, RFC 7111; jsonlines.org; IANA's list of vendors' types).
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}
#: Told of progress after so many rows.
_STEP = 10_000
#: What DuckDB may hold at once; besides it the files are on the disk and never in memory.
_MEMORY = "64MB"
#: Rows that a reader of Parquet can skip or read at once.
_GROUP = 8_192
#: Bytes of one row at most, as JSON; the longest that views can make is a hundredth of it.
_LONGEST = 1024 * 1024


@dataclass(frozen=True)
class File:
    """A file that is whole."""

    path: Path
    byte_size: int
    #: 64 hex digits.
    sha256: str


def write_rows(cursor: Any, table: Table, folder: Path, told: Callable[[int], None]) -> int:
    """Write all rows of a table as `<name>.jsonl` and `<name>.csv`, in the order of their key; how many there are.

    A row at a time goes through this process. CSV is as RFC 4180 has it: UTF-8, CRLF, a head, quotes where they are needed.
    """
    names = [column.name for column in table.columns]
    count = 0
    lines, sheet = folder / f"{table.name}.jsonl", folder / f"{table.name}.csv"
    with lines.open("wb") as rows, sheet.open("w", encoding="utf-8", newline="") as cells:
        write = csv.writer(cells).writerow
        write(names)
        with cursor.copy(_copy(table)) as copy:
            for line in copy:
                rows.write(line)
                row = orjson.loads(line)
                write([cell(row[name]) for name in names])
                count += 1
                if count % _STEP == 0:
                    told(count)
    return count


def write_parquet(table: Table, folder: Path) -> None:
    """Make `<name>.parquet` of `<name>.jsonl`, with the types of the columns."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": "1",
        "memory_limit": _MEMORY,
        "temp_directory": str(folder / "spilled"),
        # All that is needed is in the wheel; nothing is fetched.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with duckdb.connect(":memory:", config=settings) as database:
        rows = database.read_json(
            str(folder / f"{table.name}.jsonl"),
            format="newline_delimited",
            columns={column.name: column.kind.in_parquet for column in table.columns},
            maximum_object_size=_LONGEST,
        )
        rows.write_parquet(
            str(folder / f"{table.name}.parquet"), compression="zstd", row_group_size=_GROUP, overwrite=True
        )


def finished(path: Path) -> File:
    """What there is to be said of a file."""
    with path.open("rb") as file:
        return File(path, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _copy(table: Table) -> sql.Composed:
    # PostgreSQL's CSV with signs that JSON never holds unescaped, so every line is the JSON as it is.
    return sql.SQL(
        "COPY (SELECT row_to_json(told) FROM (SELECT {columns} FROM {view} ORDER BY {key}) AS told)"
        " TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01', ENCODING 'UTF8')"
    ).format(
        columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns),
        view=sql.Identifier(table.view),
        key=sql.Identifier(table.key),
    )
