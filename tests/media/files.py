"""A file as somebody sends it."""

from collections.abc import Callable
from dataclasses import dataclass

from media.inspection import Reason


@dataclass(frozen=True)
class Sent:
    """A sentence's beginning, the type that is declared, how its bytes are made, and why it is refused, if it is."""

    name: str
    declared: str
    make: Callable[[], bytes]
    reason: Reason | None = None

    def __str__(self) -> str:
        return self.name


JPEG, PNG, WEBP, GIF, AVIF = (f"image/{kind}" for kind in ("jpeg", "png", "webp", "gif", "avif"))
PDF, ZIP = "application/pdf", "application/zip"
ODT, ODS, ODP = (
    f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation")
)
TEXT, CSV = "text/plain", "text/csv"
