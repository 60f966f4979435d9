"""Parts that clients name already and whose own issue is still to come: typed, described, and empty until then."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from schema.declarations import PAGE, column, field
from schema.paging import Connection
from schema.planner.pages import NoPages
from schema.planner.sources import Constant
from schema.policies import PUBLIC, shown_to


def nothing_yet(description: str) -> Any:
    """A single value that is null until its part of the house is built."""
    return field(Constant(None), f"{description} Null for now.")


def none_yet(description: str) -> Any:
    """A list that is empty until its part of the house is built."""
    return field(Constant([]), f"{description} Empty for now.")


def no_pages_yet(description: str) -> Any:
    """A list in pages that is empty until its part of the house is built."""
    return field(NoPages(), f"{description} Empty for now.", PAGE)


@shown_to(PUBLIC)
@strawberry.type(description="How many answered something with the same emoji.")
class ReactionGroup:
    emoji: str = column("The emoji.")
    count: int = column("How many.")
    viewer_has_reacted: bool = column("Whether the viewer is one of them.")


@shown_to(PUBLIC)
@strawberry.type(description="An amount of money.")
class Money:
    amount: str = column("A decimal number in the currency's main unit.")
    currency: str = column("ISO 4217.")


@strawberry.enum(description="What kind of thing a project asks for.")
class NeedKind(Enum):
    MONEY = strawberry.enum_value("MONEY", description="Money.")
    SERVICE = strawberry.enum_value("SERVICE", description="Somebody's skill.")
    INFRASTRUCTURE = strawberry.enum_value("INFRASTRUCTURE", description="A place or a machine to use.")
    RESOURCE = strawberry.enum_value("RESOURCE", description="A thing or material.")
    TASK = strawberry.enum_value("TASK", description="An hour or two of work.")


@shown_to(PUBLIC)
@strawberry.type(description="Something that a project asks for.")
class Need:
    id: strawberry.ID = column("Its id.")
    kind: NeedKind = column("What kind of thing it is.")
    title: str = column("What is needed.")
    required: bool = column("The project cannot do without.")
    amount: Money | None = column("How much, for money.")
    state: str = column("Where it stands.")


@shown_to(PUBLIC)
@strawberry.type(description="What one person gets back.")
class Reward:
    id: strawberry.ID = column("Its id.")
    title: str = column("What it is.")
    amount: Money = column("From which amount on.")
    limit: int | None = column("How many there are.")
    claimed_count: int = column("How many are gone.")


@shown_to(PUBLIC)
@strawberry.type(description="An open licence.")
class License:
    spdx_id: str = column("Its SPDX identifier.")
    name: str = column("Its name.")
    url: str | None = column("Its text.")


@shown_to(PUBLIC)
@strawberry.type(description="What everybody gets back, under an open licence.")
class CollectiveReturn:
    id: strawberry.ID = column("Its id.")
    kind: str = column("What kind of thing it is.")
    title: str = column("What it is.")
    license: License = column("Under which licence.")
    state: str = column("Whether it is there yet.")
    url: str | None = column("Where it is.")


@shown_to(PUBLIC)
@strawberry.type(description="The money of a project.")
class Funding:
    minimum: Money = column("Below this nothing is collected.")
    optimum: Money = column("With this all of it can be done.")
    pledged: Money = column("What people promised.")
    matched: Money = column("What matchers added.")
    backer_count: int = column("How many people.")
    round: int = column("1 or 2.")
    round_ends_at: datetime | None = column("When it ends.")
    percent_of_minimum: int = column("Pledged and matched, of the minimum.")


@shown_to(PUBLIC)
@strawberry.type(description="A change to a project that somebody proposes to its team.")
class Proposal:
    id: strawberry.ID = column("Its id.")
    title: str = column("What it would change.")
    state: str = column("Where it stands.")


@strawberry.type(description="A page of proposals.")
class ProposalConnection(Connection[Proposal]):
    pass
