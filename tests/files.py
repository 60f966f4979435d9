"""Files as actions and jobs leave them: announced, being checked, ready with their forms, refused; and where they stand."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone

from backend.accounts.models import User
from backend.boards.models import Claim, Task
from backend.projects.models import Project
from media.models import Media, MediaState, Placement, PlacementKind, Purpose, Upload, Variant
from social.comments.models import Comment, CommentAttachment
from social.updates.models import Update, UpdateAttachment

#: Longer sides of the forms of a picture.
SIDES = {"SMALL": 96, "MEDIUM": 480, "LARGE": 1600}
#: A blurhash.
PLACEHOLDER = "LEHV6nWB2yk8pyo0adR*.7kCMdnj"
PUBLIC = (Purpose.AVATAR, Purpose.PROJECT_IMAGE)


def _announced(owner: User, purpose: str, facts: dict[str, Any]) -> dict[str, Any]:
    said = {
        "owner": owner,
        "purpose": purpose,
        "filename": "gate.png",
        "content_type": "image/png",
        "byte_size": 1_234,
        "sha256": secrets.token_hex(32),
        "key": f"quarantine/{secrets.token_hex(16)}",
    }
    return said | facts


def upload(owner: User, purpose: str = Purpose.AVATAR, **facts: Any) -> Upload:
    """What somebody has announced; it may be sent for five minutes, unless it says otherwise."""
    said = _announced(owner, purpose, facts)
    ends = {"expires_at": timezone.now() + timedelta(minutes=5), "charged": said["byte_size"]}
    return Upload.objects.create(**(ends | said))


def media(owner: User, purpose: str = Purpose.AVATAR, **facts: Any) -> Media:
    """A file that has arrived: a picture that is ready, unless it says otherwise; without its forms."""
    made = unsaved(owner, purpose, **facts)
    made.save()
    return made


def unsaved(
    owner: User, purpose: str = Purpose.AVATAR, *, state: str = MediaState.READY, **facts: Any
) -> Media:
    """The same, not in the database yet."""
    said = _announced(owner, purpose, {})
    if state != MediaState.CHECKING:
        now = timezone.now()
        said |= {"key": "", "checked_at": now, "expires_at": now + timedelta(days=1)}
    if state == MediaState.READY and facts.get("content_type", "image/png").startswith("image/"):
        said |= {"width": 1600, "height": 1200, "placeholder": PLACEHOLDER, "color": "#6a8f3c"}
    if state == MediaState.REJECTED:
        said["reason"] = "BROKEN"
    return Media(**(said | {"state": state} | facts))


def variants(of: Media) -> list[Variant]:
    """The forms in which a file that is ready is served; only as rows, there are no bytes."""
    room = "public" if of.purpose in PUBLIC else "private"
    if of.width is None:
        key = f"{room}/{secrets.token_hex(16)}/{of.sha256[:32]}.pdf"
        said = {"key": key, "content_type": of.content_type, "byte_size": of.byte_size}
        return [Variant.objects.create(media=of, name="FILE", **said)]
    folder = f"{room}/{secrets.token_hex(16)}"
    return [
        Variant.objects.create(
            media=of,
            name=name,
            key=f"{folder}/{hashlib.sha256(name.encode()).hexdigest()[:32]}.webp",
            content_type="image/webp",
            width=side,
            height=side * 3 // 4,
            byte_size=side * 10,
        )
        for name, side in SIDES.items()
    ]


def picture(owner: User, purpose: str = Purpose.AVATAR, **facts: Any) -> Media:
    """A picture that is ready, with its forms."""
    made = media(owner, purpose, **facts)
    variants(made)
    return made


def place(of: Media, thing: Any, position: int = 0, kind: str = "") -> Any:
    """Where a file stands from now on: as the picture of a person, the cover of a project, attached to the rest."""
    made = unsaved_place(of, thing, position, kind)
    made.save()
    return made


def unsaved_place(of: Media, thing: Any, position: int = 0, kind: str = "") -> Any:
    """The same, not in the database yet."""
    if isinstance(thing, Update):
        return UpdateAttachment(media=of, update=thing, position=position)
    if isinstance(thing, Comment):
        return CommentAttachment(media=of, comment=thing, position=position)
    kinds = {User: PlacementKind.AVATAR, Project: PlacementKind.COVER}
    kinds |= {Task: PlacementKind.TASK, Claim: PlacementKind.CLAIM}
    said = {"kind": kind or kinds[type(thing)], type(thing).__name__.lower(): thing}
    return Placement(media=of, position=position, **said)
