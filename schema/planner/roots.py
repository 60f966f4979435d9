"""Where the value of a root field lives: the viewer, the row with an id or a name, a list of everything."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import django_filters

from backend.core.refusals import NotFound
from schema.ids import from_global_id, pk_of
from schema.planner.arguments import Argument
from schema.planner.compiler import TABLE_ROW, Asked, HandedRow, Row, admit
from schema.planner.filtering import filtered
from schema.planner.pages import Page, goes_down
from schema.planner.prices import SEARCH
from schema.planner.rendering import JsonRow, Sql
from schema.planner.slots import Run, Slot
from schema.planner.sources import Narrow, visible_rows


class Nowhere:
    """No row at all: what a root field stands on."""

    def here(self, name: str, kind: str) -> Any:
        """There is no column."""
        raise LookupError(name)

    def outside(self, name: str, kind: str = "bigint") -> Any:
        """There is no column."""
        raise LookupError(name)


NOWHERE = Nowhere()


class Root:
    """A source that stands on no row."""

    #: Whether there must be something: where there is nothing, the field is refused with `NOT_FOUND`.
    must_be = True

    def shape(self, arguments: Callable[[], dict[str, Argument]], run: Run) -> Hashable:
        """What else the plan depends on in a run. Raises `Refusal`."""
        return None

    def compile(self, asked: Asked, row: Row) -> Any:
        """The JSON of the value."""
        raise NotImplementedError


@dataclass(frozen=True)
class ViewersOwn(Root):
    """The viewer's own row; null for nobody."""

    model: Any
    must_be = False

    def compile(self, asked: Asked, row: Row) -> Any:
        """A subquery by their key."""
        if asked.viewer is None:
            return Sql("NULL")
        rows = visible_rows(self.model, asked.viewer).filter(pk=asked.viewer)
        return JsonRow(rows, asked.row_set().values(TABLE_ROW))


@dataclass(frozen=True)
class Found(Root):
    """The row that the first of these arguments names that is given: by its id or by a unique column."""

    model: Any
    #: The column of each argument; `pk` for one that is a global id of the field's type.
    by: dict[str, str]

    def compile(self, asked: Asked, row: Row) -> Any:
        """A subquery by the column. Raises `NotFound` when nothing is named."""
        for name, column in self.by.items():
            if (given := asked.arguments[name]).now is None:
                continue
            rows = visible_rows(self.model, asked.viewer).filter(**{column: _slot(given, column, asked)})
            return JsonRow(rows, asked.row_set().values(TABLE_ROW))
        raise NotFound


@dataclass(frozen=True)
class AnyNode(Root):
    """The row with a global id, whatever its type."""

    #: The model of each type that has a global id; filled as types are declared.
    nodes: dict[str, Any]

    def shape(self, arguments: Callable[[], dict[str, Argument]], run: Run) -> Hashable:
        """Its type: another has other fields."""
        return from_global_id(arguments()["id"].at(run), *self.nodes)[0]

    def compile(self, asked: Asked, row: Row) -> Any:
        """A subquery by the key in the id."""
        id = asked.arguments["id"]
        kind, _ = from_global_id(id.now, *self.nodes)
        # That it is there is told to whom its id is, even where no field of it is asked for.
        admit(asked.compiling.schema.type_map[kind].fields["id"], asked.compiling.standing)  # type: ignore[attr-defined]
        rows = visible_rows(self.nodes[kind], asked.viewer)
        rows = rows.filter(pk=id.then(lambda value: from_global_id(value, *self.nodes)[1]).slot("bigint"))
        return JsonRow(rows, asked.row_set().values(TABLE_ROW, as_type=kind))


@dataclass(frozen=True)
class Everything(Root):
    """All that the viewer may see of a model, in pages, in one of several orders and narrowed by the domain's FilterSet."""

    model: Any
    place: str
    #: By the value of the argument `order`; None for when it is null.
    orders: Mapping[Any, tuple[str, ...]]
    narrow: Narrow | None = None
    filterset: type[django_filters.FilterSet] | None = None

    def __post_init__(self) -> None:
        for order in self.orders.values():
            goes_down(order)

    def compile(self, asked: Asked, row: Row) -> Any:
        """The page."""
        order = asked.arguments["order"].now if "order" in asked.arguments else None
        rows = visible_rows(self.model, asked.viewer, self.narrow)
        if self.filterset:
            given = asked.arguments["filter"]
            rows = filtered(self.filterset, rows, given)
            if given.now is not None and given.now.get("search"):
                asked.level.add(work=SEARCH)
        place = self.place
        if len(self.orders) > 1:
            columns = self.orders[order]
            place += "." + next(each.value for each, its in self.orders.items() if its == columns and each)
        return Page(asked, lambda parent: rows, place, self.orders[order]).json()


@dataclass(frozen=True)
class OfTheRequest(Root):
    """What whoever carries the request knows of it, under a name of the context; null where there is nothing."""

    name: str
    #: A field of it that is never null.
    key: str
    must_be = False

    def compile(self, asked: Asked, row: Row) -> Any:
        """Its fields, as they are when the statement runs."""
        name = self.name
        known = HandedRow(None, lambda context, path: getattr(getattr(context, name), path, None))
        return Sql(
            "CASE WHEN {0} IS NULL THEN NULL ELSE {1} END", known.here(self.key, "text"), asked.select(known)
        )


def _slot(given: Argument, column: str, asked: Asked) -> Slot:
    if column != "pk":
        return given.slot("text")
    return given.then(lambda value: pk_of(value, asked.type.name)).slot("bigint")
