"""The whole way of a file, as a client goes it: announced, sent to where the store says, completed."""

import hashlib
import io
from typing import Any

from PIL import Image

from backend.accounts.models import User
from media.checks import check
from media.models import Media, Purpose, Upload
from media.uploads import complete_upload, request_upload, target_of
from tests.media.sending import posted, sending

PDF = "application/pdf"


def picture(seed: int = 1, width: int = 40, height: int = 30) -> bytes:
    """A small PNG, another for each seed."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (seed * 37 % 256, seed * 91 % 256, seed * 13 % 256)).save(file, "PNG")
    return file.getvalue()


def asked(by: User, data: bytes, content_type: str = "image/png", **facts: Any) -> Upload:
    """These bytes are announced."""
    known = {"purpose": Purpose.ATTACHMENT, "filename": "photo.png"}
    return request_upload(
        by=by,
        content_type=content_type,
        byte_size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        **{**known, **facts},
    )


def put(upload: Upload, data: bytes) -> None:
    """They are posted to a folder that this process serves."""
    status, words = posted(sending(target_of(upload), data))
    assert status == 204, words


def completed(by: User, data: bytes, content_type: str = "image/png", **facts: Any) -> Media:
    """They have arrived, and wait for their check."""
    upload = asked(by, data, content_type, **facts)
    put(upload, data)
    return complete_upload(upload_id=upload.pk, by=by)


def checked(by: User, data: bytes, content_type: str = "image/png", **facts: Any) -> Media:
    """They were checked."""
    media = completed(by, data, content_type, **facts)
    check(media_id=media.pk)
    media.refresh_from_db()
    return media
