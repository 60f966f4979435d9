"""Files of many megabytes are sent in parts, each of which may be sent again: whoever lost the line goes on."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.core.refusals import Invalid, NotFound, Refusal
from media.arrivals import sizes_of_parts
from media.models import Purpose, Upload
from media.storage import store
from media.storage.port import Missing, Part, StorageAway, Target
from media.uploads import announced

#: Parts whose targets are asked for at once.
MOST_AT_ONCE = 100


class StoreAway(Refusal):
    code = "UNAVAILABLE"
    message = "The store of files does not answer: try again in a moment."


def begin_parts(*, upload_id: int, by: User) -> Upload:
    """Let the parts of a DATASET be sent; twice is the same as once. Raises `NotFound`, `StoreAway`."""
    upload = _open(upload_id, by)
    if upload.parts_id:
        return upload
    try:
        parts_id = store().begin_parts(announced(upload))
    except StorageAway:
        raise StoreAway from None
    if not _remember(upload, parts_id):
        # Somebody else was first, or the upload is gone: this one is nobody's.
        try:
            store().abandon_parts(upload.key, parts_id)
        except StorageAway:
            raise StoreAway from None
    return _open(upload_id, by)


def targets_of_parts(*, upload_id: int, by: User, numbers: Sequence[int]) -> list[Target]:
    """Where these parts are sent, in their order; all but the last are of `arrivals.PART` bytes, counted from 1.

    Raises `NotFound`, `Invalid`, `StoreAway`.
    """
    upload = begin_parts(upload_id=upload_id, by=by)
    sizes = dict(enumerate(sizes_of_parts(upload.byte_size), start=1))
    if not 1 <= len(numbers) <= MOST_AT_ONCE or not all(number in sizes for number in numbers):
        raise Invalid("numbers", f"1 to {MOST_AT_ONCE} of the numbers 1 to {len(sizes)}.")
    left = upload.expires_at - timezone.now()
    return [
        store().part_target(upload.key, upload.parts_id, number, byte_size=sizes[number], lasts=left)
        for number in numbers
    ]


def arrived_parts(*, upload_id: int, by: User) -> list[Part]:
    """The parts that are there, so that only the others are sent. Raises `NotFound`, `StoreAway`."""
    upload = _open(upload_id, by)
    if not upload.parts_id:
        return []
    try:
        return store().parts(upload.key, upload.parts_id)
    except Missing:
        return []
    except StorageAway:
        raise StoreAway from None


@transaction.atomic(durable=True)
def _remember(upload: Upload, parts_id: str) -> bool:
    return bool(Upload.objects.filter(pk=upload.pk, parts_id="", media=None).update(parts_id=parts_id))


def _open(upload_id: int, by: User) -> Upload:
    upload = (
        Upload.objects.visible_to(by)
        .filter(pk=upload_id, purpose=Purpose.DATASET, media=None, expires_at__gt=timezone.now())
        .first()
    )
    if upload is None:
        raise NotFound
    return upload
