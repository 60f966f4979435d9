"""What somebody announced that they will send, where it is sent, and how far it has come."""

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import strawberry
from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Cast, NullIf

from backend.accounts.scopes import Scope
from media import models
from media.arrivals import PART
from media.storage.port import Target
from media.uploads import target_of
from schema.declarations import Node, column, expression, finished, node, one
from schema.member.enums import MediaPurpose, RejectionReason, UploadState
from schema.member.media.addresses import SIGNING
from schema.member.media.types import Media
from schema.member.scalars import SafeInt
from schema.paging import Connection
from schema.policies import WITH_IT, people, shown_to

#: Who may send may also read where to: an address to send to is a right to write.
SENDING = people(Scope.SOCIAL_WRITE)


@shown_to(WITH_IT)
@strawberry.type(description="A header or a field of a form.")
class NameAndValue:
    name: str = column("Its name.")
    value: str = column("Its value, to be sent as it is.")


@shown_to(WITH_IT)
@strawberry.type(
    description="Where a file, or a part of one, is sent, and with what. Whoever has it may send it: keep it secret."
)
class UploadTarget:
    method: str = column(
        "POST: a form (multipart/form-data) whose last field is the file, called `file`. PUT: the bytes."
    )
    url: str = column("Where.")
    headers: list[NameAndValue] = column("What the request must say besides.")
    fields: list[NameAndValue] = column("The fields of the form that come before the file, in this order.")


@shown_to(WITH_IT)
@strawberry.type(description="Where a part of a file is sent.")
class UploadPart:
    number: int = column("Which part, from 1 on.")
    target: UploadTarget = column("Where; a part that is sent again replaces itself.")


def told(target: Target) -> SimpleNamespace:
    """A target as `UploadTarget` has it."""
    return SimpleNamespace(
        method=target.method, url=target.url, headers=_pairs(target.headers), fields=_pairs(target.fields)
    )


def _pairs(values: Mapping[str, str]) -> list[SimpleNamespace]:
    return [SimpleNamespace(name=name, value=value) for name, value in values.items()]


def part(number: int, target: Target) -> SimpleNamespace:
    """The same of one part, as `UploadPart` has it."""
    return SimpleNamespace(number=number, target=told(target))


_ANNOUNCED = ("key", "content_type", "byte_size", "sha256", "purpose", "media_id")


def _parts(viewer: Any) -> dict[str, Any]:
    # As a text wherever it is read, by this statement or by another.
    return {name: F(name) for name in _ANNOUNCED} | {"expires": Cast("expires_at", TextField())}


def _target(*, expires: str, **announced: Any) -> SimpleNamespace | None:
    target = target_of(models.Upload(expires_at=datetime.fromisoformat(expires), **announced))
    return told(target) if target else None


def _of_parts(value: Any) -> Any:
    return lambda viewer: Case(When(purpose=models.Purpose.DATASET, then=value), default=None)


@node(
    models.Upload,
    policy=SENDING,
    description="What the viewer announced that they will send: exactly that is taken.",
)
class Upload(Node):
    state: UploadState = expression(lambda viewer: models.upload_state(), description="How far it has come.")
    reason: RejectionReason | None = expression(
        lambda viewer: NullIf(F("media__reason"), Value("")),
        description="Why it was rejected; null unless it was.",
    )
    purpose: MediaPurpose = column("What it is for.")
    filename: str = column("As they call it; what it is kept as, the server decides.")
    content_type: str = column("What it shall be, as a media type.")
    byte_size: SafeInt = column("How many bytes it shall have.")
    created_at: datetime = column("When it was announced.")
    expires_at: datetime = column("Until when it may be sent and completed.")
    target: UploadTarget | None = finished(
        _parts,
        _target,
        work=SIGNING,
        description="Where to send it; null where it is sent in parts, and once it has arrived or is too late.",
    )
    part_size: int | None = expression(
        _of_parts(Value(PART)),
        description="Bytes of each part but the last, where it is sent in parts; else null.",
    )
    part_count: int | None = expression(
        _of_parts((F("byte_size") + PART - 1) / PART),
        description="How many parts it has, numbered from 1; else null.",
    )
    media: Media | None = one(
        models.Media, key="media_id", description="What it has become; null until it is completed."
    )


@strawberry.type(description="A page of uploads.")
class UploadConnection(Connection[Upload]):
    pass
