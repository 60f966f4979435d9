"""Decides on files: whether one is what it says and harmless enough to keep, and what of it is served.

Knows no Django, no database and no storage.
"""

from media.inspection.findings import Findings, InspectionFailed, Reason, Rejected, Rendition
from media.inspection.process import inspect
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
