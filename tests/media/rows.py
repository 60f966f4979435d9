"""Files as their actions and checks would leave them, without any bytes."""

import hashlib
from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from backend.accounts.models import User
from media.models import STANDS_NOWHERE_FOR, Media, MediaState, Purpose, Trash, Upload, Variant
from media.models.purposes import PUBLIC

_numbers = count(1)
SHA = hashlib.sha256(b"").hexdigest()


def upload(owner: User, purpose: str = Purpose.ATTACHMENT, **facts: Any) -> Upload:
    """Something that was announced a moment ago."""
    known = {
        "filename": "notes.pdf",
        "content_type": "application/pdf" if purpose == Purpose.ATTACHMENT else "image/png",
        "byte_size": 1000,
        "sha256": SHA,
        "key": f"quarantine/{next(_numbers):032x}",
        "expires_at": timezone.now() + timedelta(minutes=5),
    }
    facts = {**known, **facts}
    return Upload.objects.create(owner=owner, purpose=purpose, **{"charged": facts["byte_size"], **facts})


def arrived(owner: User, purpose: str = Purpose.ATTACHMENT, **facts: Any) -> Media:
    """Something that has arrived and is looked at."""
    announced = upload(owner, purpose, **facts)
    media = Media.objects.create(
        owner=owner,
        purpose=purpose,
        project=announced.project,
        filename=announced.filename,
        content_type=announced.content_type,
        byte_size=announced.byte_size,
        sha256=announced.sha256,
        key=announced.key,
    )
    Upload.objects.filter(pk=announced.pk).update(media=media)
    return media


def ready(owner: User, purpose: str = Purpose.ATTACHMENT, **facts: Any) -> Media:
    """Something that was checked and stands nowhere yet: pictures have all their variants."""
    media = arrived(owner, purpose, **facts)
    now = timezone.now()
    is_picture = media.content_type.startswith("image/")
    picture = {"width": 1200, "height": 800, "placeholder": "LEHV6nWB2yk8", "color": "#2f4f2f"}
    Media.objects.filter(pk=media.pk).update(
        state=MediaState.READY,
        key="",
        checked_at=now,
        expires_at=now + STANDS_NOWHERE_FOR,
        **(picture if is_picture else {}),
    )
    room = "public" if purpose in PUBLIC else "private"
    sizes = (
        {"SMALL": (96, 64), "MEDIUM": (480, 320), "LARGE": (1200, 800)}
        if is_picture
        else {"FILE": (None, None)}
    )
    Variant.objects.bulk_create(
        Variant(
            media=media,
            name=name,
            key=f"{room}/{next(_numbers):032x}/{SHA[:32]}{'.webp' if is_picture else '.pdf'}",
            content_type="image/webp" if is_picture else media.content_type,
            width=width,
            height=height,
            byte_size=100,
        )
        for name, (width, height) in sizes.items()
    )
    Upload.objects.filter(media=media).update(charged=min(100 * len(sizes), media.byte_size))
    Trash.objects.filter(key=media.key).delete()
    media.refresh_from_db()
    return media


def rejected(owner: User, purpose: str = Purpose.ATTACHMENT, reason: str = "BROKEN", **facts: Any) -> Media:
    """Something that was refused."""
    media = arrived(owner, purpose, **facts)
    now = timezone.now()
    Media.objects.filter(pk=media.pk).update(
        state=MediaState.REJECTED, reason=reason, key="", checked_at=now, expires_at=now + STANDS_NOWHERE_FOR
    )
    Upload.objects.filter(media=media).update(charged=0)
    Trash.objects.filter(key=media.key).delete()
    media.refresh_from_db()
    return media
