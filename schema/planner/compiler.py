"""The walk through a selection: each field is handed to the source that it declares, with what that may ask."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import F, OuterRef
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)
from graphql.execution.collect_fields import collect_sub_fields

from backend.core.refusals import NotFound, Refusal, Unauthenticated
from schema.context import Standing
from schema.planner.arguments import Argument, arguments_of
from schema.planner.prices import LIST, MOST_NODES, THING, Level
from schema.planner.rendering import Sql, json_object
from schema.planner.slots import Run, Slot, ViewerSlot
from schema.policies import policy_of

#: Row sets of one statement: each is a subquery, and PostgreSQL plans them all together.
MOST_ROW_SETS = 120
#: Row sets within one another.
DEEPEST = 16
#: Fields of one statement, counted wherever they are read.
MOST_FIELDS = 2_000


class TooComplex(Refusal):
    """A selection would ask for more than one statement may."""

    code = "QUERY_TOO_COMPLEX"
    message = f"An operation may ask for {MOST_NODES:,} things in all: ask for shorter pages."


class Source(Protocol):
    """Where the value of a field lives."""

    def compile(self, asked: "Asked", row: "Row") -> Any:
        """The JSON of the value, as an expression on the row."""
        ...


class Row(Protocol):
    """The thing whose fields are selected."""

    def here(self, name: str, kind: str) -> Any:
        """A column, for an expression on the row itself."""
        ...

    def outside(self, name: str, kind: str = "bigint") -> Any:
        """A column, for the condition of a subquery."""
        ...


class TableRow:
    """A row of the queryset that is being built."""

    def here(self, name: str, kind: str) -> Any:
        """Its column."""
        return F(name)

    def outside(self, name: str, kind: str = "bigint") -> Any:
        """Its column, seen from within a subquery."""
        return OuterRef(name)


TABLE_ROW = TableRow()


@dataclass(frozen=True, slots=True)
class HandedRow:
    """What an action answered, or an event: no row of a table, but values that are known when the statement runs."""

    now: Any
    read: Callable[[Any, str], Any]
    path: str = ""

    def here(self, name: str, kind: str) -> Any:
        """Its value, as a slot."""
        read, path = self.read, f"{self.path}{name}"
        return Slot(lambda run: read(run.handed, path), kind)

    def outside(self, name: str, kind: str = "bigint") -> Any:
        """The same, since it is of no query."""
        return self.here(name, kind)

    def known(self, name: str) -> bool:
        """Whether the value is there; runs of one plan are alike in that."""
        return self.read(self.now, f"{self.path}{name}") is not None

    def inner(self, name: str) -> "HandedRow":
        """The values that stand under a name of it."""
        return HandedRow(self.now, self.read, f"{self.path}{name}.")


@dataclass(slots=True)
class Compiling:
    """What is known while the plan of one root field is made, and what is collected for it."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, Any]
    #: None for nobody. Its key is a slot; what visibility branches on is a part of the plan's shape.
    viewer: ViewerSlot | None
    #: The lists, and what is asked of each of their rows; the first is what the plan itself stands on.
    levels: list[Level] = field(default_factory=lambda: [Level()])
    #: What may be refused of the arguments in each run, whether the statement needs them or not.
    checks: list[Callable[[Run], object]] = field(default_factory=list)
    #: Steps after the statement: where in the answer, and what makes the value there.
    finishing: list[tuple[tuple[str, ...], Callable[..., Any]]] = field(default_factory=list)
    #: Whether a cursor is held against its list by the statement itself.
    has_cursors: bool = False
    fields: int = 0
    row_sets: int = 0

    @property
    def standing(self) -> Standing | None:
        """How the viewers stand whom the plan is for; None for nobody."""
        return self.viewer.standing if self.viewer else None


@dataclass(slots=True)
class Asked:
    """One field of a selection: what its source may ask."""

    compiling: Compiling
    parent: GraphQLObjectType
    name: str
    definition: GraphQLField
    nodes: list[FieldNode]
    path: tuple[str, ...]
    depth: int = 0
    #: The rows that the field is asked for on; None: those of the plan itself.
    on: Level | None = None
    _arguments: dict[str, Argument] | None = None

    @property
    def level(self) -> Level:
        """The rows that the field is asked for on."""
        return self.on or self.compiling.levels[0]

    @property
    def viewer(self) -> Any:
        """Whoever asks, as querysets take them."""
        return self.compiling.viewer

    @property
    def python_name(self) -> str:
        """What the field is called where it is declared."""
        name: str = self.definition.extensions["strawberry-definition"].python_name
        return name

    @property
    def type(self) -> Any:
        """The type of its value, without list and non-null."""
        return get_named_type(self.definition.type)

    @property
    def arguments(self) -> dict[str, Argument]:
        """What it was given. Raises `GraphQLError`."""
        if self._arguments is None:
            self._arguments = arguments_of(self.definition, self.nodes[0], self.compiling.variables)
        return self._arguments

    def row_set(self, rows: Callable[[Run], int] | None = None) -> "Asked":
        """The same field, within one more subquery of so many rows. Raises `TooComplex`."""
        self.compiling.row_sets += 1
        if self.compiling.row_sets > MOST_ROW_SETS or self.depth >= DEEPEST:
            raise TooComplex("It asks for too many lists within one another.")
        level = self.level
        if rows is None:
            level.add(nodes=1, work=THING)
        else:
            level.add(work=LIST)
            level = level.below(rows)
            self.compiling.levels.append(level)
        return Asked(
            self.compiling,
            self.parent,
            self.name,
            self.definition,
            self.nodes,
            self.path,
            self.depth + 1,
            level,
            self._arguments,
        )

    def select(self, row: Row, *, as_type: str | None = None) -> Sql:
        """The JSON of its value, which is such a row, in place."""
        return json_object(self.values(row, as_type=as_type))

    def values(self, row: Row, *, as_type: str | None = None) -> dict[str, Any]:
        """The JSON of each field that is selected of its value, which is such a row."""
        type_ = self.compiling.schema.type_map[as_type or self.type.name]
        if not isinstance(type_, GraphQLObjectType):
            raise TypeError(f"{self.parent.name}.{self.name} must say which {type_.name} it is")
        fields = self.fields(type_, self.nodes, self.path)
        return {key: value_of(asked, row) for key, asked in fields.items()}

    def fields(
        self, type_: GraphQLObjectType, nodes: list[FieldNode], path: tuple[str, ...]
    ) -> dict[str, "Asked"]:
        """The fields that are selected of a type below these nodes, merged, by the names that the answer gives them."""
        compiling = self.compiling
        found = collect_sub_fields(compiling.schema, compiling.fragments, compiling.variables, type_, nodes)
        compiling.fields += len(found)
        if compiling.fields > MOST_FIELDS:
            raise TooComplex("It selects too many fields.")
        return {
            key: Asked(
                compiling,
                type_,
                each[0].name.value,
                type_.fields.get(each[0].name.value),  # None is __typename
                each,
                (*path, key),
                self.depth,
                self.on,
            )
            for key, each in found.items()
        }


def value_of(asked: Asked, row: Row) -> Any:
    """The JSON of one field of a row."""
    if asked.name == "__typename":
        return Sql(f"'{asked.parent.name}'")
    admit(asked.definition, asked.compiling.standing)
    return source_of(asked.definition).compile(asked, row)


def admit(definition: GraphQLField, standing: Standing | None) -> None:
    """Raises what the policy of a field of a row refuses with."""
    try:
        policy_of(definition).refuse(standing)
    except Unauthenticated:
        # Whoever is nobody is told no more of a row that is not theirs than of one that is not there.
        raise NotFound from None


def source_of(definition: GraphQLField) -> Source:
    """Where a field of the schema says that its value lives. Raises `LookupError` when it does not say."""
    declared = definition.extensions["strawberry-definition"]
    source: Source = declared.metadata[SOURCE]
    return source


#: The key in a strawberry field's metadata under which its source is.
SOURCE = "source"
