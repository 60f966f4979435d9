"""What an inspection answers, and the reasons for which it refuses."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Reason(StrEnum):
    """Why a file is refused, for good: the same bytes are refused again."""

    EMPTY = "EMPTY"
    # The bytes are not what was declared.
    MISMATCH = "MISMATCH"
    # They are that, and something else too, or go on behind their end.
    POLYGLOT = "POLYGLOT"
    # A type, or a feature of one (encryption, macros), that nothing here takes.
    UNSUPPORTED = "UNSUPPORTED"
    BROKEN = "BROKEN"
    # More pixels, frames, entries or unpacked bytes than are taken.
    TOO_LARGE = "TOO_LARGE"
    # Checking it took more memory or time than there is for one file.
    TOO_MUCH_WORK = "TOO_MUCH_WORK"


class Rejected(Exception):
    """The file is refused, for `reason`; to ask again would change nothing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class InspectionFailed(Exception):
    """The machine could not inspect the file (no process, no disk, no turn): to ask again later makes sense."""


@dataclass(frozen=True)
class Rendition:
    """One file to serve: SMALL, MEDIUM, LARGE of an image, or FILE, which is the source as it is.

    Width and height are in pixels, and None of what is no image; `sha256` is 64 hex digits, lower case.
    """

    name: str
    path: Path
    content_type: str
    width: int | None
    height: int | None
    byte_size: int
    sha256: str


@dataclass(frozen=True)
class Findings:
    """What a file is, and what to serve of it.

    Width and height are those of the source as it is looked at, upright. `placeholder` is a blurhash, `color` the
    dominant colour as `#rrggbb`; both are empty of what is no image.
    """

    content_type: str
    width: int | None
    height: int | None
    placeholder: str
    color: str
    renditions: tuple[Rendition, ...]
