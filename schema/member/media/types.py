from datetime import datetime
from typing import Any

import strawberry
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import NullIf

from media import models
from schema.declarations import Node, column, expression, finished, many, node
from schema.member.enums import MediaPurpose, MediaState, RejectionReason, VariantName
from schema.member.media.addresses import SIGNING, address, parts_of
from schema.member.media.shown import HowLarge, ImageVariant
from schema.member.scalars import SafeInt
from schema.paging import Connection
from schema.policies import PUBLIC, shown_to


@shown_to(PUBLIC)
@strawberry.type(description="One form of a file, as it is served.")
class MediaVariant:
    name: VariantName = column("Which form it is.")
    url: str | None = finished(
        lambda viewer: {"key": F("key"), "filename": F("media__filename")},
        address,
        work=SIGNING,
        description="Where to fetch it: for ever where everybody may see it, else within 15 minutes.",
    )
    content_type: str = column("What it is, as a media type.")
    byte_size: SafeInt = column("Its bytes.")
    width: int | None = column("In pixels; null of what is no picture.")
    height: int | None = column("In pixels; null of what is no picture.")


def _filename(viewer: Any) -> Any:
    # Of a picture that everybody sees it is nobody's business how it was called on somebody's disk.
    told = Q(purpose__in=[models.Purpose.ATTACHMENT, models.Purpose.DATASET])
    if viewer is not None:
        told |= Q(owner=viewer)
    return Case(When(told, then=F("filename")), default=Value(""))


def _reason(column: str) -> Any:
    return NullIf(F(column), Value(""))


@node(
    models.Media, policy=PUBLIC, description="A file that arrived: checked first, then shown where it stands."
)
class Media(Node):
    state: MediaState = column("How far it has come.")
    reason: RejectionReason | None = expression(
        lambda viewer: _reason("reason"), description="Why it was rejected; null unless it was."
    )
    purpose: MediaPurpose = column("What it is for.")
    filename: str = expression(
        _filename, description="As its owner called it; of a picture that everybody sees only they are told."
    )
    content_type: str = column("What it is, as a media type; as announced, until it is checked.")
    byte_size: SafeInt = column("Its bytes, as it was sent.")
    width: int | None = column("In pixels; null before it is checked, and of what is no picture.")
    height: int | None = column("In pixels; null before it is checked, and of what is no picture.")
    alt: str = column("What it shows, for who does not see it; empty if nobody said.")
    credit: str = column("Who made it.")
    licence: str = column("Its SPDX identifier; empty: none said.")
    placeholder: str = column("A blurhash of a picture, to be shown until it is there; else empty.")
    color: str = column("The dominant colour of a picture, as `#rrggbb`; else empty.")
    created_at: datetime = column("When it arrived.")
    url: str | None = finished(
        lambda viewer, variant: parts_of("pk", "filename", variant.value),
        address,
        argument="variant",
        told=HowLarge,
        usual=ImageVariant.LARGE,
        work=SIGNING,
        description="Where to fetch it, a picture of that size; null until it is READY. Of what not everybody may see "
        "it is another address each time, which is good for 15 minutes.",
    )
    variants: list[MediaVariant] = many(
        models.Variant,
        by="media_id",
        order=("id",),
        usual=3,
        description="The forms in which it is served, smallest first; none until it is READY.",
    )


@strawberry.type(description="A page of files.")
class MediaConnection(Connection[Media]):
    pass
