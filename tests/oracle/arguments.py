"""Arguments for fields of a document: written into it or in variables, mostly of what is there, sometimes wrong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    get_named_type,
    get_nullable_type,
    is_non_null_type,
)

from backend.accounts.models import User
from schema import cursors
from schema.declarations import NODES
from schema.ids import to_global_id
from schema.planner import pages, roots
from tests.oracle.paging import cursor_of
from tests.oracle.worlds import KINDS, WORDS, World

#: What no list has given out, though some of it looks as if.
GARBAGE = ["", "x", "🐝", "A" * 500, cursors.encode("Board.tasks:1", 1, 1)[:-2], cursors.encode("nothing", 1)]
#: The types of things that are asked for by their id; those with most to them more often.
ASKED_FOR = [*KINDS, *["Task", "Task", "Project", "Project", "Claim", "Claim", "Claim", "Comment", "Update"]]
_ABSENT = object()


@dataclass
class Given:
    """What a field was given: as the document has it, and what is known of the rows that it asks for."""

    text: str = ""
    size: int = 1
    row: Any = None


class Arguments:
    """The arguments of one document, and its variables."""

    def __init__(self, random: Random, world: World, viewer: User | None, numbers: Iterator[int]) -> None:
        self.random = random
        self.world = world
        self.viewer = viewer
        self.numbers = numbers
        self.declared: list[str] = []
        self.variables: dict[str, Any] = {}
        #: Other values for some of the variables, of the same shape: what answers the one must answer the other.
        self.others: dict[str, Any] = {}
        #: The codes of refusals that a wrong argument may bring.
        self.doubtful: set[str] = set()

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def one(self, things: Any) -> Any:
        return self.random.choice(things)

    def of(self, parent: Any, name: str, definition: GraphQLField, source: Any, place: Any) -> Given:
        """The arguments of a field, each now and then."""
        given = Given(size=3)
        values = {each: self._value(each, name, place, given) for each in definition.args}
        if isinstance(source, pages.Connection | roots.Everything) and "after" in values:
            values["after"] = self._after(parent, name, source, place, values.get("order"))
        said = [self._said(each, definition.args[each].type, value) for each, value in values.items()]
        said = self.random.sample([each for each in said if each], sum(map(bool, said)))
        given.text = f"({', '.join(said)})" if said else ""
        return given

    def directive(self) -> str:
        """`@skip` or `@include`, by a value or a variable."""
        when = self.one([True, False])
        said = json.dumps(when)
        if self.chance(60):
            said, wrong = f"$v{next(self.numbers)}", json.dumps(not when)
            kind = self.one(
                ["Boolean!", f"Boolean! = {wrong}", f"Boolean = {wrong}", f"Boolean! = {json.dumps(when)}"]
            )
            self.declared.append(f"{said}: {kind}")
            if not kind.endswith(f"= {json.dumps(when)}"):
                self.variables[said[1:]] = when
                self.others[said[1:]] = self.one([True, False])
        return f" @{self.one(['skip', 'include'])}(if: {said})"

    def _value(self, argument: str, name: str, place: Any, given: Given) -> Any:
        ways = {
            "first": lambda: self._first(place, given),
            "after": self._garbage,
            "unreadOnly": lambda: self.one([_ABSENT, None, True, False]),
            "variant": lambda: self.one([_ABSENT, "SMALL", "MEDIUM", "LARGE"]),
            "order": lambda: self.one([_ABSENT, None, "NEWEST", "MOST_FOLLOWED"]),
            "filter": lambda: self._filter() if self.chance(50) else self.one([_ABSENT, None]),
            "id": lambda: self._id(name, given),
            "handle": lambda: self._named(name, "handle", given),
            "slug": lambda: self._named(name, "slug", given),
        }
        # Of an argument that is not here nobody has said yet what it is given.
        return ways[argument]()

    def _garbage(self) -> Any:
        if not self.chance(3):
            return _ABSENT
        self.doubtful.add("BAD_CURSOR")
        return self.one(GARBAGE)

    def _named(self, name: str, column: str, given: Given) -> Any:
        if column == "handle" and (given.row is not None or self.chance(10)):
            return self.one([_ABSENT, None, "ana"])
        if self.chance(5):
            return self.one(["nobody", "", "ANA", "%"])
        given.row = self._row(name.capitalize())
        return getattr(given.row, column)

    def _first(self, place: Any, given: Given) -> Any:
        if self.chance(2):
            self.doubtful.add("VALIDATION")
            return self.one([0, -1, 101, 2**31 - 1])
        sizes = [1, 2, 3, 5] if place.times <= 5 else [1, 2]
        if place.times <= 3:
            sizes += [20, 100, None, _ABSENT]
        first = self.one(sizes)
        # No list of the world is much longer than ten.
        given.size = min(first, 8) if isinstance(first, int) else 8
        return first

    def _id(self, name: str, given: Given) -> Any:
        kind = self.one(ASKED_FOR) if name == "node" else name.capitalize()
        if name == "user" and self.chance(50):
            return self.one([_ABSENT, None])
        if self.chance(5):
            return self.one(
                [
                    "",
                    "garbage",
                    to_global_id(kind, 2**40),
                    to_global_id("Nothing", 1),
                    to_global_id("Task", 1),
                ]
            )
        given.row = self._row(kind)
        return to_global_id(kind, given.row.pk)

    def _row(self, kind: str) -> Any:
        # What may not be seen is not found, which is soon said.
        shown = self.world.shown(kind, self.viewer)
        return self.one(self.world.rows[kind] if self.chance(20) else shown)

    def _filter(self) -> dict[str, Any]:
        project = self.one(self.world.rows["Project"])
        place = self.one(self.world.rows["Community"])
        word = self.one(WORDS)
        choices = {
            "category": [project.category],
            "status": [project.status, "LIVE", "DRAFT"],
            "tag": [*project.tags, "WATER", " seeds ", "", "x" * 41],
            "locale": ["en", "ES", " ", "x" * 7],
            "community": [place.slug, "nowhere"],
            "owner": [project.owner.handle, "", "%"],
            "search": [word, word.upper(), word[1:4], "%", "_", "\\", " ", "  a", "x" * 201],
        }
        names = self.random.sample([*choices], self.random.randint(0, 2))
        found = {name: self.one([*choices[name], None]) for name in names}
        if any(len(str(value)) in (7, 41, 201) and str(value).startswith("x") for value in found.values()):
            self.doubtful.add("VALIDATION")
        return found

    def _after(self, parent: Any, name: str, source: Any, place: Any, order: Any) -> Any:
        if self.chance(3):
            self.doubtful.add("BAD_CURSOR")
            other = self.one(self.world.rows["Board"])
            tasks = [
                cursor_of(f"Board.tasks:{other.pk}", ("position", "id"), each) for each in other.tasks.all()
            ]
            return self.one([*GARBAGE, *tasks])
        if isinstance(source, roots.Everything):
            own = _cursors_of_all(source, order)
        elif place.row is not None and place.row._meta.model is NODES.get(parent.name, type(place.row)):
            own = _cursors_of(parent, name, source, place.row)
        else:
            own = []
        return self.one(own) if own and self.chance(40) else self.one([None, _ABSENT])

    def _said(self, name: str, type_: Any, value: Any) -> str | None:
        """An argument as the document has it; what is absent may be a variable that is absent."""
        if not self.chance(35):
            return None if value is _ABSENT else f"{name}: {written(value, type_)}"
        variable = f"v{next(self.numbers)}"
        kind = f"{get_nullable_type(type_)}"
        if value is _ABSENT:
            self.declared.append(f"${variable}: {kind}")
        elif value is not None and self.chance(30):
            # The default is what counts.
            self.declared.append(f"${variable}: {kind} = {written(value, type_)}")
        else:
            required = is_non_null_type(type_) or (value is not None and self.chance(30))
            self.declared.append(f"${variable}: {kind}{'!' if required else ''}")
            self.variables[variable] = value
            self._other(name, variable, value)
        return f"{name}: ${variable}"

    def _other(self, name: str, variable: str, value: Any) -> None:
        if name == "first" and value is not None:
            self.others[variable] = self.one([1, 2, 3])
        elif name == "unreadOnly":
            self.others[variable] = self.one([None, True, False])
        elif name == "order" and value is not None:
            self.others[variable] = self.one(["NEWEST", "MOST_FOLLOWED"])
        elif name == "variant":
            self.others[variable] = self.one(["SMALL", "MEDIUM", "LARGE"])
        elif name in ("id", "slug", "handle") and value is not None:
            kinds = (
                kind for kind, rows in self.world.rows.items() for row in rows if value in _names_of(row)
            )
            if kind := next(kinds, None):
                self.others[variable] = _names_of(self._row(kind))[("id", "slug", "handle").index(name)]


def written(value: Any, type_: Any) -> str:
    """A value as a document has it."""
    type_ = get_named_type(type_)
    if isinstance(type_, GraphQLInputObjectType) and value is not None:
        return (
            "{"
            + ", ".join(f"{name}: {written(each, type_.fields[name].type)}" for name, each in value.items())
            + "}"
        )
    if isinstance(type_, GraphQLEnumType) and value is not None:
        return str(value.value if isinstance(value, Enum) else value)
    return json.dumps(value, ensure_ascii=False)


def _names_of(row: Any) -> list[str | None]:
    kind = next(name for name, model in NODES.items() if type(row) is model)
    return [to_global_id(kind, row.pk), getattr(row, "slug", None), getattr(row, "handle", None)]


def _cursors_of(parent: Any, name: str, source: Any, row: Any) -> list[str]:
    # Of hidden rows too: a place outlives what stood there.
    rows = source.model.objects.filter(**{source.by: row.pk})
    rows = rows.exclude(**{f"{source.order[0].removeprefix('-')}__isnull": True})
    return [cursor_of(f"{parent.name}.{name}:{row.pk}", source.order, each) for each in rows.order_by("pk")]


def _cursors_of_all(source: Any, order: Any) -> list[str]:
    order = None if order is _ABSENT else order
    columns = next(its for each, its in source.orders.items() if (each and each.value) == order)
    named = [each.value for each, its in source.orders.items() if each and its == columns]
    rows = source.model.objects.exclude(**{f"{columns[0].removeprefix('-')}__isnull": True}).order_by("pk")
    return [cursor_of(".".join([source.place, *named[:1]]), columns, each) for each in rows]
