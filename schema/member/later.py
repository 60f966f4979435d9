"""Parts that clients name already and whose own issue is still to come: typed, described, and empty until then."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from schema.paging import Connection


def nothing_yet(description: str) -> Any:
    """A single value that is null until its part of the house is built."""
    return strawberry.field(resolver=lambda: None, description=f"{description} Null for now.")


def none_yet(description: str) -> Any:
    """A list that is empty until its part of the house is built."""
    return strawberry.field(resolver=lambda: [], description=f"{description} Empty for now.")


@strawberry.enum(description="How large a picture is: its longer side, in pixels.")
class ImageVariant(Enum):
    SMALL = strawberry.enum_value("SMALL", description="96.")
    MEDIUM = strawberry.enum_value("MEDIUM", description="480.")
    LARGE = strawberry.enum_value("LARGE", description="1600.")


@strawberry.type(description="A picture.")
class Image:
    @strawberry.field(description="Where to fetch it.")
    def url(
        self,
        variant: Annotated[ImageVariant, strawberry.argument(description="How large.")] = ImageVariant.MEDIUM,
    ) -> str | None:
        return None


@strawberry.type(description="A file that belongs to something.")
class Attachment:
    id: strawberry.ID = strawberry.field(description="Its id.")
    content_type: str = strawberry.field(description="What it is, as a media type.")
    url: str | None = strawberry.field(description="Where to fetch it, for a short while.")


@strawberry.type(description="How many answered something with the same emoji.")
class ReactionGroup:
    emoji: str = strawberry.field(description="The emoji.")
    count: int = strawberry.field(description="How many.")
    viewer_has_reacted: bool = strawberry.field(description="Whether the viewer is one of them.")


@strawberry.type(description="A key that a person made for a program.")
class AccessToken:
    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="What its owner calls it.")
    scopes: list[str] = strawberry.field(description="What it may do.")
    expires_at: datetime | None = strawberry.field(description="When it ends.")
    last_used_at: datetime | None = strawberry.field(description="When it was used last.")


@strawberry.type(description="An amount of money.")
class Money:
    amount: str = strawberry.field(description="A decimal number in the currency's main unit.")
    currency: str = strawberry.field(description="ISO 4217.")


@strawberry.enum(description="What kind of thing a project asks for.")
class NeedKind(Enum):
    MONEY = strawberry.enum_value("MONEY", description="Money.")
    SERVICE = strawberry.enum_value("SERVICE", description="Somebody's skill.")
    INFRASTRUCTURE = strawberry.enum_value("INFRASTRUCTURE", description="A place or a machine to use.")
    RESOURCE = strawberry.enum_value("RESOURCE", description="A thing or material.")
    TASK = strawberry.enum_value("TASK", description="An hour or two of work.")


@strawberry.type(description="Something that a project asks for.")
class Need:
    id: strawberry.ID = strawberry.field(description="Its id.")
    kind: NeedKind = strawberry.field(description="What kind of thing it is.")
    title: str = strawberry.field(description="What is needed.")
    required: bool = strawberry.field(description="The project cannot do without.")
    amount: Money | None = strawberry.field(description="How much, for money.")
    state: str = strawberry.field(description="Where it stands.")


@strawberry.type(description="What one person gets back.")
class Reward:
    id: strawberry.ID = strawberry.field(description="Its id.")
    title: str = strawberry.field(description="What it is.")
    amount: Money = strawberry.field(description="From which amount on.")
    limit: int | None = strawberry.field(description="How many there are.")
    claimed_count: int = strawberry.field(description="How many are gone.")


@strawberry.type(description="An open licence.")
class License:
    spdx_id: str = strawberry.field(description="Its SPDX identifier.")
    name: str = strawberry.field(description="Its name.")
    url: str | None = strawberry.field(description="Its text.")


@strawberry.type(description="What everybody gets back, under an open licence.")
class CollectiveReturn:
    id: strawberry.ID = strawberry.field(description="Its id.")
    kind: str = strawberry.field(description="What kind of thing it is.")
    title: str = strawberry.field(description="What it is.")
    license: License = strawberry.field(description="Under which licence.")
    state: str = strawberry.field(description="Whether it is there yet.")
    url: str | None = strawberry.field(description="Where it is.")


@strawberry.type(description="The money of a project.")
class Funding:
    minimum: Money = strawberry.field(description="Below this nothing is collected.")
    optimum: Money = strawberry.field(description="With this all of it can be done.")
    pledged: Money = strawberry.field(description="What people promised.")
    matched: Money = strawberry.field(description="What matchers added.")
    backer_count: int = strawberry.field(description="How many people.")
    round: int = strawberry.field(description="1 or 2.")
    round_ends_at: datetime | None = strawberry.field(description="When it ends.")
    percent_of_minimum: int = strawberry.field(description="Pledged and matched, of the minimum.")


@strawberry.type(description="A change to a project that somebody proposes to its team.")
class Proposal:
    id: strawberry.ID = strawberry.field(description="Its id.")
    title: str = strawberry.field(description="What it would change.")
    state: str = strawberry.field(description="Where it stands.")


@strawberry.type(description="A page of proposals.")
class ProposalConnection(Connection[Proposal]):
    pass
