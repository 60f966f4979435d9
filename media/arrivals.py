"""Whether what lies in quarantine is what was announced, as far as the store knows it."""

from media.models import Upload
from media.storage import store
from media.storage.port import Missing, Part

#: Bytes of each part of a file that is sent in parts, but the last (S3 asks for 5 MiB at least, and takes 10,000).
PART = 16 * 1024 * 1024


class NotAsAnnounced(Exception):
    """Nothing has arrived, or something else."""


def demand_arrival(upload: Upload) -> None:
    """Put the parts together where it came in parts, and compare. Raises `NotAsAnnounced`, `StorageAway`."""
    if upload.parts_id:
        _finish_parts(upload)
    try:
        found = store().stat(upload.key)
    except Missing:
        raise NotAsAnnounced from None
    if (found.byte_size, found.content_type) != (upload.byte_size, upload.content_type):
        raise NotAsAnnounced
    # Where the store has not counted it itself, the check will.
    if found.sha256 not in (None, upload.sha256):
        raise NotAsAnnounced


def sizes_of_parts(byte_size: int) -> list[int]:
    """How many bytes each part has, from the first to the last."""
    return [min(PART, byte_size - start) for start in range(0, byte_size, PART)]


def _finish_parts(upload: Upload) -> None:
    try:
        arrived: list[Part] = store().parts(upload.key, upload.parts_id)
        sizes = sizes_of_parts(upload.byte_size)
        if [(part.number, part.byte_size) for part in arrived] != list(enumerate(sizes, start=1)):
            raise NotAsAnnounced
        store().finish_parts(upload.key, upload.parts_id, arrived)
    except Missing:
        # Somebody has put them together already, or has lost one: what stands there says which.
        return
