"""How a file is told where it stands: as a picture that everybody may see, or attached to something."""

from enum import Enum
from typing import Annotated, Any

import strawberry
from django.db.models import F

from media.models import Placement, PlacementKind
from schema.declarations import chosen, expression, field, finished, many, only
from schema.member.media.addresses import SIGNING, address, key_of, parts_of, public_address
from schema.member.scalars import SafeInt
from schema.planner.sources import GlobalId
from schema.policies import PUBLIC, shown_to


@strawberry.enum(description="How large a picture is: its longer side, in pixels.")
class ImageVariant(Enum):
    SMALL = strawberry.enum_value("SMALL", description="96.")
    MEDIUM = strawberry.enum_value("MEDIUM", description="480.")
    LARGE = strawberry.enum_value("LARGE", description="1600.")


HowLarge = Annotated[ImageVariant, strawberry.argument(description="How large.")]


# Its row is what says where the file stands: that needs no look at the file itself for its address.
@shown_to(PUBLIC)
@strawberry.type(description="A picture.")
class Image:
    id: strawberry.ID = field(GlobalId("Media", "media_id"), "The `id` of its `Media`.")
    url: str | None = chosen(
        lambda variant: public_address(key_of("media_id", variant.value)),
        argument="variant",
        told=HowLarge,
        usual=ImageVariant.MEDIUM,
        description="Where to fetch it, as WebP; what is there never changes.",
    )
    width: int | None = expression(lambda viewer: F("media__width"), description="Of the whole, in pixels.")
    height: int | None = expression(lambda viewer: F("media__height"), description="Of the whole, in pixels.")
    alt: str = expression(
        lambda viewer: F("media__alt"),
        description="What it shows, for who does not see it; empty if nobody said.",
    )
    credit: str = expression(lambda viewer: F("media__credit"), description="Who made it.")
    licence: str = expression(
        lambda viewer: F("media__licence"), description="Its SPDX identifier; empty: none said."
    )
    placeholder: str = expression(
        lambda viewer: F("media__placeholder"), description="A blurhash, to be shown until it is there."
    )
    color: str = expression(
        lambda viewer: F("media__color"), description="Its dominant colour, as `#rrggbb`."
    )


@shown_to(PUBLIC)
@strawberry.type(description="A file that belongs to something.")
class Attachment:
    id: strawberry.ID = field(GlobalId("Media", "media_id"), "The `id` of its `Media`.")
    content_type: str = expression(
        lambda viewer: F("media__content_type"), description="What it is, as a media type."
    )
    filename: str = expression(lambda viewer: F("media__filename"), description="As its owner called it.")
    byte_size: SafeInt = expression(
        lambda viewer: F("media__byte_size"), description="Its bytes, as it was sent."
    )
    width: int | None = expression(
        lambda viewer: F("media__width"), description="In pixels; null of what is no picture."
    )
    height: int | None = expression(
        lambda viewer: F("media__height"), description="In pixels; null of what is no picture."
    )
    alt: str = expression(
        lambda viewer: F("media__alt"),
        description="What it shows, for who does not see it; empty if nobody said.",
    )
    url: str | None = finished(
        lambda viewer, variant: parts_of("media_id", "media__filename", variant.value),
        address,
        argument="variant",
        told=HowLarge,
        usual=ImageVariant.LARGE,
        work=SIGNING,
        description="Where to fetch it within 15 minutes, made anew each time; a picture as WebP, of that size.",
    )


avatar: Any = only(Placement, by="user_id", description="Their picture; null for none.")
cover: Any = only(
    Placement,
    by="project_id",
    narrow=lambda places: places.filter(kind=PlacementKind.COVER),
    description="Its first picture; null for none.",
)
gallery: Any = many(
    Placement,
    by="project_id",
    order=("position", "id"),
    narrow=lambda places: places.filter(kind=PlacementKind.GALLERY),
    usual=5,
    description="Its other pictures, in the order of its team; 20 at most.",
)


def attachments(places: Any, *, by: str, description: str) -> Any:
    """The files that are attached to a thing, by the key with which their places point at it."""
    return many(places, by=by, order=("position", "id"), usual=2, description=description)
