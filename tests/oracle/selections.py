"""Whatever a client may ask: documents made of the schema, as oddly written as GraphQL allows, about what is there."""

from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql.utilities import do_types_overlap

from backend.accounts.models import User
from schema.declarations import NODES
from schema.member.schema import schema
from schema.planner import elsewhere, pages, roots, sources
from schema.planner.compiler import SOURCE
from tests.oracle.arguments import Arguments
from tests.oracle.worlds import World

_SCHEMA = schema._schema
#: Names that stand in the planner's own statements, or that PostgreSQL would fold into one another or cut.
ODD_NAMES = [
    "id",
    "ID",
    "c",
    "_0",
    "_place",
    "json",
    "node",
    "user",
    "select",
    "title",
    "pk",
    "answer",
    "__b",
]
ODD_NAMES += ["r", "n0", "n1", "e0", "e1", "a" * 63, "a" * 64, "a" * 64 + "b"]
_EMPTY = (sources.Constant, pages.NoPages)
#: Lists of which nobody says how long they are, for the count of rows.
_SHORT = 3


@dataclass(frozen=True)
class Question:
    """A document with two sets of variables of one shape; `doubtful`: the codes with which something may be refused."""

    text: str
    variables: dict[str, Any]
    others: dict[str, Any]
    doubtful: frozenset[str]


@dataclass(frozen=True)
class Selection:
    """What is selected of one row, and all that a document must say beside it; two sets of variables as in `Question`."""

    text: str
    #: The declarations of its variables.
    declared: tuple[str, ...]
    fragments: tuple[str, ...]
    variables: dict[str, Any]
    others: dict[str, Any]

    def within(self, kind: str, declared: str, before: str, after: str) -> str:
        """The document of an operation of that kind, with the selection between two texts."""
        head = f"{kind}({', '.join([declared, *self.declared])})"
        return "\n".join([f"{head} {before} {self.text} {after}", *self.fragments])


@dataclass
class Scope:
    """The names that one object of the answer has already, each with what stands there and the scope below."""

    prefix: str = ""
    names: dict[str, tuple[str, "Scope"]] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a selection stands: how deep it may go, on how many rows it is asked, the one row if it is known."""

    depth: int
    times: int = 1
    row: Any = None
    #: Fragments within one another.
    folds: int = 0


def question(random: Random, world: World, viewer: User | None, depth: int = 4) -> Question:
    """A document about a world; who asks only helps to name what they may see.

    It is not drawn choice by choice: hypothesis would spend five of six documents on variations of the sixth, and half an
    hour on finding a shorter one. `tests.oracle.reducing` knows better how, because it knows GraphQL.
    """
    return _Drawing(random, world, viewer, depth).question()


def selection(random: Random, world: World, viewer: User | None, row: Any, depth: int = 4) -> Selection:
    """What is asked of a row that has an id; see `question`."""
    return _Drawing(random, world, viewer, depth).selection(row)


class _Drawing:
    def __init__(self, random: Random, world: World, viewer: User | None, depth: int) -> None:
        self.random = random
        self.viewer = viewer
        self.depth = depth
        self.numbers = count(1)
        self.fragments: list[tuple[str, Any, int, int, str]] = []
        #: How many more fields with fields of their own there may be, so that a document stays short.
        self.left = 9
        #: And how many more fields of all kinds, roughly.
        self.items = 45
        self.arguments = Arguments(random, world, viewer, self.numbers)

    def question(self) -> Question:
        scope, root = Scope(), _SCHEMA.query_type
        asked = [self._field(root, scope, Place(self.depth)) for _ in range(1 + self.chance(20))]
        if self.chance(8):
            asked.append(f"... on Query {{ {self._field(root, scope, Place(1))} }}")
        if self.chance(5):
            asked.append("__typename")
        given = self.arguments
        head = (
            f"query Q({', '.join(given.declared)})" if given.declared else self.one(["query Q", "query", ""])
        )
        text = "\n".join([f"{head} {{ {' '.join(asked)} }}", *self._fragments()])
        others = given.variables | given.others
        return Question(text, given.variables, others, frozenset(given.doubtful))

    def selection(self, row: Any) -> Selection:
        type_ = _SCHEMA.type_map[type(row).__name__]
        text = self._selection(type_, Scope(), Place(self.depth, row=row))
        given = self.arguments
        others = given.variables | given.others
        return Selection(text, tuple(given.declared), tuple(self._fragments()), given.variables, others)

    def _fragments(self) -> list[str]:
        return [f"fragment {name} on {type_} {body}" for name, type_, _, _, body in self.fragments]

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def one(self, things: Any) -> Any:
        return self.random.choice(things)

    def _selection(self, type_: Any, scope: Scope, place: Place) -> str:
        self.items -= (number := min(self.random.randint(1, 5), max(self.items, 1)))
        items = [self._item(type_, scope, place) for _ in range(number)]
        return f"{{ {' '.join(items)} }}"

    def _item(self, type_: Any, scope: Scope, place: Place) -> str:
        abstract = is_abstract_type(type_)
        if self.chance(5):
            return f"{self._alias(scope, '__typename', 'String!') or ''}__typename"
        if abstract and place.row is not None and place.folds == 0 and self.chance(75):
            return self._inline(type_, scope, replace(place, folds=1))
        if place.folds < 3 and self.chance((70 if abstract else 8) // (1 + place.folds)):
            return self._inline(type_, scope, replace(place, folds=place.folds + 1))
        if self.chance(8) and (spread := self._spread(type_, place)):
            return spread
        plain = _plain(type_)
        if plain and "edges" not in type_.fields and self.chance(40):
            names = self.random.sample(plain, self.random.randint(1, min(5, len(plain))))
            return " ".join(self._named(each, type_, scope) for each in names)
        return self._field(type_, scope, place)

    def _named(self, name: str, type_: Any, scope: Scope) -> str:
        """A field without arguments and fields, under its own name if that is free."""
        kind, key = f"{name} {type_.fields[name].type}", f"{scope.prefix}{name}"
        while scope.names.setdefault(key, (kind, Scope()))[0] != kind:
            key = f"{key}{next(self.numbers)}"
        return name if key == name else f"{key}: {name}"

    def _inline(self, type_: Any, scope: Scope, place: Place) -> str:
        others = _overlapping(type_)
        on = self.one(others)
        if place.row is not None and self.chance(80):
            # What is there, more often than what is not.
            on = next((each for each in others if NODES.get(each.name) is type(place.row)), on)
        known = place if is_abstract_type(on) or _fits(on, place.row) else replace(place, row=None)
        said = "" if on is type_ and self.chance(50) else f" on {on}"
        return f"...{said}{self._directive()} {self._selection(on, scope, known)}"

    def _spread(self, type_: Any, place: Place) -> str | None:
        """A fragment with a name; one that is there already, where it fits and is not too much."""
        there = [
            name
            for name, on, depth, rows, _ in self.fragments
            if depth <= place.depth and rows * place.times <= 40 and do_types_overlap(_SCHEMA, on, type_)
        ]
        if there and self.chance(60):
            return f"...{self.one(there)}{self._directive()}"
        if place.times > 6 or self.left < 1:
            return None
        on, name = self.one(_overlapping(type_)), f"F{next(self.numbers)}"
        depth = min(place.depth, 2)
        # Its names are its own, so that it may stand beside anything.
        body = self._selection(on, Scope(f"{name.lower()}_"), Place(depth))
        self.fragments.append((name, on, depth, 6, body))
        return f"...{name}{self._directive()}"

    def _field(self, type_: Any, scope: Scope, place: Place) -> str:
        name, definition = self._chosen(type_, place)
        source = _source_of(definition)
        inner = get_named_type(definition.type)
        given = self.arguments.of(type_, name, definition, source, place)
        alias = self._alias(scope, f"{name}{given.text}", str(definition.type), name)
        head = f"{alias or ''}{name}{given.text}{self._directive()}"
        if is_leaf_type(inner):
            return head
        key = (alias or name).removesuffix(": ")
        below = scope.names[key][1]
        self.left -= 1
        return f"{head} {self._selection(inner, below, self._below(source, place, given))}"

    def _chosen(self, type_: Any, place: Place) -> tuple[str, GraphQLField]:
        fields = type_.fields
        if type_ is _SCHEMA.query_type:
            weighted = [*fields, *["node"] * 6, "viewer", "viewer", "project", "projects"]
        elif "edges" in fields:
            weighted = ["edges", "edges", "edges", "pageInfo", "totalCount"]
        else:
            leaves = [name for name, each in fields.items() if is_leaf_type(get_named_type(each.type))]
            # What is empty until it is built is soon compared.
            others = [
                name
                for name, each in fields.items()
                if name not in leaves and (not isinstance(_source_of(each), _EMPTY) or self.chance(15))
            ]
            room = place.depth > 0 and self.left > 0 and place.times <= 12
            inside = "cursor" in fields and others == ["node"]
            weighted = others if others and (not leaves or inside or (room and self.chance(70))) else leaves
            if inside and self.chance(25):
                weighted = leaves
        name = self.one(weighted)
        return name, fields[name]

    def _alias(self, scope: Scope, said: str, kind: str, name: str = "__typename") -> str | None:
        """A name under which nothing else stands in the object; none where the field's own is free."""
        signature, key = f"{said} {kind}", f"{scope.prefix}{name}"
        if self.chance(12) or (scope.prefix and name.startswith("__")):
            key = f"{scope.prefix or 'a'}{next(self.numbers)}"
        elif self.chance(8):
            key = scope.prefix + self.one(ODD_NAMES)
        # The same once more is merged with it; another is not allowed.
        while scope.names.setdefault(key, (signature, Scope()))[0] != signature:
            key = f"{scope.prefix}{'a' * self.one([1, 1, 63])}{next(self.numbers)}"
        return None if key == name else f"{key}: "

    def _below(self, source: Any, place: Place, given: Any) -> Place:
        depth, times, row = place.depth - 1, place.times, None
        match source:
            case sources.Column():
                # A part of a page, which is asked as often as the page.
                depth = place.depth
            case sources.Itself():
                depth, row = place.depth, place.row
            case roots.ViewersOwn():
                depth, row = place.depth, self.viewer
            case roots.Found() | roots.AnyNode():
                depth, row = place.depth, given.row
            case sources.One():
                row = _pointed_at(source, place.row)
            case pages.Connection() | roots.Everything() | pages.NoPages():
                times *= given.size
            case elsewhere.Elsewhere():
                times *= elsewhere.MOST
            case sources.Many():
                times *= min(given.size, _SHORT)
        return Place(depth, times, row)

    def _directive(self) -> str:
        return self.arguments.directive() if self.chance(9) else ""


def _overlapping(type_: Any) -> list[Any]:
    """The types that a fragment inside of another type may be on."""
    return [
        each
        for each in _SCHEMA.type_map.values()
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType)
        and do_types_overlap(_SCHEMA, each, type_)
    ]


def _pointed_at(source: sources.One, row: Any) -> Any:
    """The row that a key of a row points at; none where the row is not known."""
    for name in source.key.split("__"):
        row = getattr(row, name, None)
    return None if row is None else source.model.objects.filter(pk=row).first()


def _source_of(definition: GraphQLField) -> Any:
    return definition.extensions["strawberry-definition"].metadata.get(SOURCE)


def _plain(type_: Any) -> list[str]:
    """The fields without arguments and fields of their own."""
    return [
        name
        for name, each in type_.fields.items()
        if is_leaf_type(get_named_type(each.type)) and not each.args
    ]


def _fits(type_: GraphQLObjectType, row: Any) -> bool:
    model = User if type_.name == "Viewer" else NODES.get(type_.name)
    return row is not None and type(row) is model
