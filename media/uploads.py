"""What somebody says before they send a file, and after it: the bytes themselves go to the store, and not through here."""

import re
import unicodedata
import uuid
from datetime import timedelta
from pathlib import PurePosixPath

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.core.refusals import Invalid, NotFound, Refusal
from backend.core.text import clean_choice
from backend.projects.models import EDITORS, Project, ProjectQuerySet
from media.arrivals import NotAsAnnounced, demand_arrival
from media.checks import check_media
from media.inspection import DOCUMENTS, EXTENSIONS, IMAGES
from media.models import Media, Purpose, Upload, Usage
from media.models.purposes import OF_PROJECTS
from media.models.usage import OVER_QUOTA
from media.storage import store
from media.storage.port import Announced, StorageAway, Target

#: From its announcement on a file may be sent and completed for so long;
FORM_LASTS = timedelta(minutes=5)
#: one that is sent in parts for so long.
PARTS_LAST = timedelta(hours=24)
#: Then it is forgotten, but not while what was sent last may still be arriving.
GRACE = timedelta(minutes=10)
MIB = 1024 * 1024
LARGEST: dict[str, int] = {
    Purpose.AVATAR: 20 * MIB,
    Purpose.PROJECT_IMAGE: 20 * MIB,
    Purpose.ATTACHMENT: 25 * MIB,
    Purpose.DATASET: 2048 * MIB,
}
TYPES: dict[str, dict[str, str]] = {
    Purpose.AVATAR: IMAGES,
    Purpose.PROJECT_IMAGE: IMAGES,
    Purpose.ATTACHMENT: EXTENSIONS,
    Purpose.DATASET: DOCUMENTS,
}
LONGEST_NAME, LONGEST_ENDING = 255, 20


class QuotaReached(Refusal):
    code = "LIMIT"
    message = "There is no room for that much: delete something first."


class Mismatch(Refusal):
    code = "MISMATCH"
    message = "What arrived is not what was announced: send it again, or announce it anew."


@transaction.atomic(durable=True)
def request_upload(
    *,
    by: User,
    purpose: str,
    filename: str,
    content_type: str,
    byte_size: int,
    sha256: str,
    project_id: int | None = None,
) -> Upload:
    """Announce a file, to the byte, and take its room. What it is called is only ever read: the server names its key.

    `project_id` says whose a PROJECT_IMAGE or a DATASET is. Raises `NotFound` for who does not speak for that project,
    `Invalid`, `QuotaReached`.
    """
    purpose = clean_choice(purpose, Purpose, field="purpose")
    content_type = content_type.strip().lower()[:100]
    if content_type not in TYPES[purpose]:
        raise Invalid("contentType", f"One of {', '.join(sorted(TYPES[purpose]))}.")
    if not 1 <= byte_size <= LARGEST[purpose]:
        raise Invalid("byteSize", f"1 to {LARGEST[purpose]} bytes.")
    sha256 = sha256.strip().lower() if len(sha256) < 100 else ""
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise Invalid("sha256", "64 hexadecimal digits.")
    if (purpose in OF_PROJECTS) != (project_id is not None):
        raise Invalid("projectId", "What is a project's says of which, and nothing else does.")
    if project_id is not None and not _spoken_for(by).filter(pk=project_id).exists():
        raise NotFound(field="projectId")
    lasts = PARTS_LAST if purpose == Purpose.DATASET else FORM_LASTS
    try:
        return Upload.objects.create(
            owner=by,
            purpose=purpose,
            project_id=project_id,
            filename=clean_filename(filename),
            content_type=content_type,
            byte_size=byte_size,
            sha256=sha256,
            key=f"quarantine/{uuid.uuid4().hex}",
            charged=byte_size,
            expires_at=timezone.now() + lasts,
        )
    except IntegrityError as error:
        # The database decides which of many fit; a look before the write would let too many through.
        if OVER_QUOTA not in str(error):
            raise
        raise QuotaReached from None


def target_of(upload: Upload) -> Target | None:
    """Where the bytes of an upload are sent, in one form; none for what is sent in parts, was sent, or is too late."""
    left = upload.expires_at - timezone.now()
    if upload.purpose == Purpose.DATASET or upload.media_id or left <= timedelta(0):
        return None
    return store().target(announced(upload), lasts=left)


def announced(upload: Upload) -> Announced:
    """What was said of an upload, for the store."""
    return Announced(upload.key, upload.content_type, upload.byte_size, upload.sha256)


def complete_upload(*, upload_id: int, by: User) -> Media:
    """Say that a file was sent: it is compared with what was announced, and then checked by a job.

    Twice is the same as once. Where the store is away the job compares too. Raises `NotFound`, also for one whose time is
    over, and `Mismatch`, behind which it may be sent again.
    """
    upload = Upload.objects.visible_to(by).select_related("media").filter(pk=upload_id).first()
    if upload is None:
        raise NotFound
    if upload.media is not None:
        return upload.media
    if upload.expires_at <= timezone.now():
        raise NotFound
    try:
        # Not inside a transaction: nobody waits for a lock while the store takes its time.
        demand_arrival(upload)
    except NotAsAnnounced:
        raise Mismatch from None
    except StorageAway:
        pass
    return _begin_check(upload_id)


@transaction.atomic(durable=True)
def _begin_check(upload_id: int) -> Media:
    upload = Upload.objects.select_for_update(no_key=True).filter(pk=upload_id).first()
    # Whoever came a moment too late finds that it is forgotten.
    if upload is None:
        raise NotFound
    if upload.media_id:
        return Media.objects.get(pk=upload.media_id)
    media = Media.objects.create(
        owner_id=upload.owner_id,
        purpose=upload.purpose,
        project_id=upload.project_id,
        filename=upload.filename,
        content_type=upload.content_type,
        byte_size=upload.byte_size,
        sha256=upload.sha256,
        key=upload.key,
    )
    Upload.objects.filter(pk=upload.pk).update(media=media)
    check_media.defer(media_id=media.pk)
    return media


@transaction.atomic(durable=True)
def expire_uploads(*, most: int = 500) -> int:
    """Forget what was announced and not completed in time; PostgreSQL gives its room back and throws its key away."""
    late = Upload.objects.filter(media=None, expires_at__lte=timezone.now() - GRACE)
    # Whoever completes one at this moment holds it.
    pks = [
        upload.pk for upload in late.order_by("pk").select_for_update(skip_locked=True, of=("self",))[:most]
    ]
    expired = Upload.objects.filter(pk__in=pks)
    Usage.objects.hold(expired)
    expired.delete()
    return len(pks)


def clean_filename(value: str) -> str:
    """What a file is called, as far as it can be shown: no path, and nothing that is not seen or turns its reading round.

    Never refused, for nothing follows from it: at most 255 characters, with its ending; empty when nothing is left.
    """
    name = re.split(r"[/\\]", value[-10_000:])[-1]
    # Control characters, formats (direction marks among them), surrogates, and line ends.
    seen = "".join(
        letter for letter in unicodedata.normalize("NFC", name) if unicodedata.category(letter) not in _UNSEEN
    )
    seen = " ".join(seen.split()).lstrip(". ")
    if len(seen) > LONGEST_NAME:
        ending = PurePosixPath(seen).suffix
        ending = ending if len(ending) <= LONGEST_ENDING else ""
        seen = seen[: LONGEST_NAME - len(ending)] + ending
    return seen


_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _spoken_for(by: User) -> ProjectQuerySet:
    return Project.objects.visible_to(by).with_team_member(by, EDITORS)
