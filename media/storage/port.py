"""What the house asks of a store of files, whichever it is; the adapters are `folder` and `s3`.

A client never names a key: `quarantine/<32 hex>` is where something arrives, `public/<32 hex>/<32 hex>.webp` what anybody
may see, `private/<32 hex>/<32 hex>[.ext]` what a signed address leads to, `open-data/<32 hex>/<32 hex>.<ext>` the files of
open data, which anybody may download.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

#: Every key there is, whole; whatever else is asked for is not there.
KEY = re.compile(
    r"quarantine/[0-9a-f]{32}|public/[0-9a-f]{32}/[0-9a-f]{32}\.webp|private/[0-9a-f]{32}/[0-9a-f]{32}(\.[a-z0-9]{1,10})?"
    r"|open-data/[0-9a-f]{32}/[0-9a-f]{32}\.[a-z0-9]{1,10}"
)


class StorageAway(Exception):
    """The store did not answer in time, or answered that it cannot: try again later."""


class Missing(Exception):
    """There is nothing of this key, or no such upload in parts."""


class TooLarge(Exception):
    """More bytes came than were asked for."""


@dataclass(frozen=True)
class Announced:
    """What somebody says that they will send: all of it must be so, to the byte."""

    key: str
    content_type: str
    byte_size: int
    #: 64 hex digits, lower case.
    sha256: str


@dataclass(frozen=True)
class Target:
    """Where a client sends bytes, and what it says with them: fields go before the file, in this order."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stat:
    """What stands at a key."""

    byte_size: int
    content_type: str
    #: 64 hex digits where the store itself has counted them, of all bytes; else None.
    sha256: str | None


@dataclass(frozen=True)
class Part:
    """A part of a large file that has arrived; numbers begin at 1."""

    number: int
    byte_size: int
    etag: str


class Store(Protocol):
    """A store. Whatever talks to it raises `StorageAway` within some 2.5 s, and at once for a while after that.

    Bytes that arrived may be others than were announced, where a store is lax: who trusts them looks at `stat` and
    counts `fetch` itself.
    """

    def target(self, announced: Announced, *, lasts: timedelta) -> Target:
        """The form (POST, multipart/form-data; the file is the field `file`, last) that takes exactly this. Asks nobody."""

    def begin_parts(self, announced: Announced) -> str:
        """Begin an upload in parts: the id that the store knows it by."""

    def part_target(
        self, key: str, upload_id: str, number: int, *, byte_size: int, lasts: timedelta
    ) -> Target:
        """Where one part of exactly this size is PUT; a part that is sent again replaces itself. Asks nobody."""

    def parts(self, key: str, upload_id: str) -> list[Part]:
        """The parts that arrived, by number. Raises `Missing` where the upload was finished or abandoned."""

    def finish_parts(self, key: str, upload_id: str, parts: list[Part]) -> None:
        """Make one file of these. Raises `Missing` where one of them is not there; done twice is done."""

    def abandon_parts(self, key: str, upload_id: str) -> None:
        """Forget an upload and its parts; one that is not there is fine."""

    def forget_unfinished(self, *, before: datetime) -> None:
        """Remove what nobody finishes any more: uploads in parts that began before, and half-written files."""

    def stat(self, key: str) -> Stat:
        """What stands there. Raises `Missing`."""

    def fetch(self, key: str, to: Path, *, most: int) -> None:
        """Write the bytes to a file, which is not there if this raises `Missing` or `TooLarge` (more than `most` bytes)."""

    def put(self, key: str, source: Path, *, content_type: str, filename: str = "") -> None:
        """Keep a file of ours; again is the same. What is private is served as a download of this name (RFC 6266)."""

    def move(self, source: str, key: str, *, content_type: str, filename: str = "") -> None:
        """`put` with what stands at another key, which is gone then; doing it again is the same. Raises `Missing`."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these; what is not there is fine."""

    def keys(self, prefix: str, *, after: str = "") -> Iterator[tuple[str, datetime]]:
        """The keys that begin with `prefix` and come after `after`, in their order, each with when it was written (UTC)."""

    def public_address(self, key: str) -> str:
        """Where anybody may see it, for ever: MEDIA_URL and the key, as SQL says it too."""

    def signed_address(self, key: str, *, lasts: timedelta, filename: str = "") -> str:
        """Where whoever has the address may fetch it as a download of this name, for so long. Asks nobody."""
