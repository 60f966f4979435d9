"""What the things themselves need of files: asked for by name, because the room of bytes is above them."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.module_loading import import_string


def set_avatar(*, user: Model, media_id: int | None) -> None:
    """Make a file the picture of a person, in the caller's transaction; see `media.placements`."""
    _asked("set_avatar")(user=user, media_id=media_id)


def attach(thing: Model, media_ids: Sequence[int], *, by: Model) -> None:
    """Attach these files to a thing, and no others any more, in the caller's transaction, which holds its row."""
    _asked("attach")(thing, media_ids, by=by)


def _asked(name: str) -> Any:
    return import_string(f"{settings.FILES}.{name}")
