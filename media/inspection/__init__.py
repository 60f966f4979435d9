"""Decides on files: whether one is what it says and harmless enough to keep, and what of it is served.

Knows no Django, no database and no storage.
"""

from pathlib import Path

from media.inspection.findings import Findings, InspectionFailed, Reason, Rejected, Rendition
from media.inspection.types import DOCUMENTS, EXTENSIONS, IMAGES

__all__ = [
    "DOCUMENTS",
    "EXTENSIONS",
    "IMAGES",
    "Findings",
    "InspectionFailed",
    "Reason",
    "Rejected",
    "Rendition",
    "inspect",
]


def inspect(source: Path, *, declared: str, into: Path) -> Findings:
    """What `source` is, decided in a limited process of its own; renditions of images are written to `into`.

    `declared` is one of EXTENSIONS. Of what is no image, FILE is `source` itself. Raises `Rejected`, and
    `InspectionFailed` when the machine, not the file, is at fault.
    """
    raise NotImplementedError
