"""The zip of an export: a JSON file for each holding, written as it is read, and a README that says what is what."""

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from backend.core.holdings import Holding, holdings

#: Bytes of one part.
PART = 256 * 1024
#: Rows read at once.
PAGE = 500

_README = """\
This is what Acequia holds of you, put together on {when:%Y-%m-%d at %H:%M} UTC.

Files that end in .json hold one object, files that end in .jsonl one object a line (https://jsonlines.org), all in UTF-8.
Times are ISO 8601 in UTC, `id` is our number of the row. Other people are named by their handles only.
What is kept only as a hash (passwords, tokens) is not in here: it could be of use to nobody but a thief.
"""


class Parts(io.RawIOBase):
    """A file that is only written, front to back, and handed on in parts of a fixed size; the last may be shorter."""

    def __init__(self, hand_on: Callable[[bytes], None], *, size: int) -> None:
        super().__init__()
        self._hand_on = hand_on
        self._size = size
        self._waiting = bytearray()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Take all of it."""
        self._waiting += data
        while len(self._waiting) >= self._size:
            part = bytes(self._waiting[: self._size])
            del self._waiting[: self._size]
            self._hand_on(part)
        return len(data)

    def __exit__(self, kind: Any, *more: Any) -> None:
        """Hand on the rest, unless the writing failed."""
        if kind is None and self._waiting:
            self._hand_on(bytes(self._waiting))
        self._waiting.clear()
        super().__exit__(kind, *more)


def rows_of(person: int) -> Iterator[tuple[Holding, QuerySet[Model]]]:
    """What is exported of a person: each holding that has a name, and its rows."""
    for holding in holdings():
        if holding.name:
            yield holding, holding.of(person)


def write_archive(person: int, file: Any, *, progress: Callable[[int], None]) -> None:
    """Write the zip into a file that need not be seekable, a page of rows at a time; `progress` is told the rows so far."""
    done = 0
    now = timezone.now()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(_entry("README.txt", now), _readme(now))
        for holding, rows in rows_of(person):
            with archive.open(_entry(_file_name(holding), now), "w") as entry:
                for page in _pages(holding, rows):
                    entry.writelines(orjson.dumps(row) + b"\n" for row in page)
                    done += len(page)
                    progress(done)


def _pages(holding: Holding, rows: QuerySet[Any]) -> Iterator[list[dict[str, Any]]]:
    paths = [F(told.path or name) for name, told in holding.columns.items()]
    after = 0
    while page := list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", *paths)[:PAGE]):
        yield [dict(zip(("id", *holding.columns), values, strict=True)) for values in page]
        after = page[-1][0]


def _file_name(holding: Holding) -> str:
    return f"{holding.name}.json" if holding.single else f"{holding.name}.jsonl"


def _entry(name: str, now: Any) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=now.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _readme(now: Any) -> str:
    lines = [_README.format(when=now)]
    for holding in holdings():
        if holding.name:
            lines.append(f"\n{_file_name(holding)}: {holding.says}")
            lines += [
                f"    {name}: {told.says} When you delete your account, {told.fate.value}."
                for name, told in holding.columns.items()
            ]
    return "\n".join(lines) + "\n"
