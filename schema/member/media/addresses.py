"""Where a file is fetched: an address for everybody and for ever, or one for whoever was just told it, for a while."""

from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db.models import Expression, F, OuterRef, Subquery, Value

from media.models import Variant, VariantName
from media.storage import store
from schema.planner.rendering import Sql

#: How long an address of what not everybody may see opens it; long enough for a person to look at the page that has it.
LASTS = timedelta(minutes=15)
#: What an address takes, in tenths of a point: to sign one is 0.3 ms by S3's way and a tenth of that by ours, and most are
#: not signed.
SIGNING = 3
PUBLIC = "public/"


def key_of(media: str, *names: str) -> Subquery:
    """The key of a form of the file that `media` is the key of, on the row; null where there is none."""
    return Subquery(
        Variant.objects.filter(media=OuterRef(media), name__in=names).order_by().values("key")[:1]
    )


def public_address(key: Any) -> Expression:
    """`Store.public_address` as SQL says it: so a hundred pictures in a list are no code of ours that runs."""
    return Sql("{0} || {1}", Value(settings.MEDIA_URL), key)


def parts_of(media: str, filename: str, name: str | None) -> dict[str, Any]:
    """What an address is made of: of the form of that name, or of the file itself where it is no picture."""
    wanted = name or VariantName.LARGE
    return {"key": key_of(media, wanted, VariantName.FILE), "filename": F(filename)}


def address(*, key: str | None, filename: str) -> str | None:
    """Where a key is fetched; null without one. Whoever is told it has been found to see the file: it asks nobody."""
    if key is None:
        return None
    if key.startswith(PUBLIC):
        return store().public_address(key)
    # A picture is kept in another format than it came in, and is called so.
    return store().signed_address(key, lasts=LASTS, filename=_named(filename, key))


def _named(filename: str, key: str) -> str:
    ending = PurePosixPath(key).suffix
    return f"{PurePosixPath(filename).stem}{ending}" if ending == ".webp" and filename else filename
