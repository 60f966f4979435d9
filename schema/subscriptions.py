"""How a subscription is declared: by the thing whose stream of events is told to whoever may see the thing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeAlias, TypeVar

import strawberry
from django.db.models import Exists, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from graphql import GraphQLField, GraphQLObjectType

from backend.core.models import RecordedEvent
from backend.core.refusals import Unauthenticated
from schema import cursors
from schema.context import Asker, Standing
from schema.declarations import Visible, field
from schema.ids import pk_of
from schema.planner.compiler import SOURCE, Asked, HandedRow, Row
from schema.planner.slots import Run, Slot, ViewerSlot
from schema.planner.sources import visible_rows
from schema.planner.statements import StatementForEach
from schema.policies import Policy

Item = TypeVar("Item")
#: The type of a field whose value comes again and again.
Stream: TypeAlias = AsyncGenerator[Item, None]  # strawberry reads it, and knows no `type` statement

After = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor of the last event that one has seen; what came later is told first. Null: from now on."
    ),
]


class Missed:
    """Stands in a stream where events are gone that the reader has not seen; `seq` is where the stream is now."""

    #: The name of its GraphQL type, as the kind of an event of the log is.
    kind = "ResyncRequired"
    actor_id = None
    facts: Mapping[str, Any] = {}
    reason = "TOO_OLD"

    def __init__(self, stream: str, seq: int) -> None:
        self.stream_id = stream
        self.seq = seq
        self.occurred_at = timezone.now()


class PresentNow:
    """Who looks at something now; told when that changes, and never written down."""

    kind = "PresentNow"

    def __init__(self, stream: str, people: Sequence[int]) -> None:
        self.stream_id = stream
        self.people = people


#: What is told on a stream.
Happening: TypeAlias = RecordedEvent | Missed | PresentNow


@dataclass(frozen=True)
class Followed:
    """The source of a subscription: the stream of a thing that its argument names; without a model, the viewer's own."""

    stream: Callable[[int], str]
    model: Any = None
    #: Those of its events that are told; none named: all.
    kinds: tuple[str, ...] | None = None

    def compile(self, asked: Asked, row: Row) -> Any:
        """The JSON of an event that is handed over; of which kind it is decides about its type."""
        if not isinstance(row, HandedRow):
            raise TypeError(f"{asked.name} is told of events, and of nothing else")
        return asked.select(row, as_type=None if isinstance(asked.type, GraphQLObjectType) else row.now.kind)

    @property
    def argument(self) -> str:
        """The argument that holds the thing's id."""
        return f"{self.model.__name__.lower()}_id"

    def wanted(self, given: dict[str, Any], asker: Asker | None) -> Wanted:
        """What is asked for. Raises `Unauthenticated`, `NotFound`, `BadCursor`; whether they may is another question."""
        if self.model is None:
            if asker is None:
                raise Unauthenticated
            thing = asker.user_id
        else:
            thing = pk_of(given[self.argument], self.model.__name__)
        stream, after = self.stream(thing), given.get("after")
        return Wanted(self, thing, stream, None if after is None else cursors.decode(after, stream)[0])


class Events(Followed):
    """All that is written into the log of a stream, from an event on."""


class Presence(Followed):
    """Who looks at a thing: what is told is how it is now, and nothing that was before."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One stream that somebody asks to be told, after an event of it or from now on."""

    source: Followed
    thing: int
    stream: str
    after: int | None

    @property
    def place(self) -> str | None:
        """Where whoever follows it is seen to be; nowhere, for what is theirs alone."""
        return presence_stream(self.source.model, self.thing) if self.source.model else None

    def tells(self, event: Happening) -> bool:
        """Whether an event is of a kind that is told; that some are missing always is."""
        kinds = self.source.kinds
        return kinds is None or event.kind in kinds or isinstance(event, Missed)

    def entitled(self, askers: Iterable[Asker | None]) -> set[Asker | None]:
        """Those of them who may be told it now; one statement for all but nobody and staff, who are a kind of their own."""
        if self.source.model is None:
            return {asker for asker in askers if asker is not None and asker.user_id == self.thing}
        found: set[Asker | None] = set()
        for standing, alike in by_standing(askers).items():
            may_see = _may_see(self.source.model, standing)
            values = may_see.values(Run(None, {"thing": self.thing}, askers=alike))
            said = values * len(alike) if may_see.is_alike else values
            found.update(asker for asker, sees in zip(alike, said, strict=True) if sees == b"true")
        return found


def by_standing(askers: Iterable[Asker | None]) -> dict[Standing | None, list[Any]]:
    """Those who ask, by what statements differ by: nobody, people, staff."""
    found: dict[Standing | None, list[Any]] = {}
    for asker in askers:
        found.setdefault(asker.standing if asker else None, []).append(asker)
    return found


@cache
def _may_see(model: Any, standing: Standing | None) -> StatementForEach:
    viewer = None if standing is None else ViewerSlot(standing)
    rows = visible_rows(model, viewer).filter(pk=Slot(lambda run: run.variables["thing"], "bigint"))
    return StatementForEach(Cast(Exists(rows), TextField()))


def events(model: type[Visible], *, stream: Callable[[int], str], policy: Policy, description: str) -> Any:
    """A subscription field: all that happens on the stream of a thing, for whoever may see the thing."""
    source = Events(stream, model)
    told = strawberry.argument(description=f"A `{model.__name__}` that one may see.")
    arguments = {source.argument: Annotated[strawberry.ID, told], "after": After}
    return field(source, description, arguments, policy=policy, is_subscription=True)


def presence(model: type[Visible], *, policy: Policy, description: str) -> Any:
    """A subscription field: who looks at a thing, for whoever may see the thing."""
    source = Presence(lambda pk: presence_stream(model, pk), model)
    told = strawberry.argument(description=f"A `{model.__name__}` that one may see.")
    arguments = {source.argument: Annotated[strawberry.ID, told]}
    return field(source, description, arguments, policy=policy, is_subscription=True)


def viewers_events(
    *, stream: Callable[[int], str], kinds: tuple[str, ...], policy: Policy, description: str
) -> Any:
    """A subscription field: what of these kinds happens on the viewer's own stream."""
    return field(
        Events(stream, kinds=kinds), description, {"after": After}, policy=policy, is_subscription=True
    )


def presence_stream(model: Any, pk: int) -> str:
    """What the presence at a thing is called; no stream of the log has such a name."""
    return f"presence:{model.__name__.lower()}:{pk}"


def followed_by(definition: GraphQLField) -> Followed:
    """What a subscription field declares. Raises `LookupError` when it does not say."""
    source: Followed = definition.extensions["strawberry-definition"].metadata[SOURCE]
    return source
