"""Relay connections over keyset cursors (GraphQL Cursor Connections): never OFFSET, and a total only for who asks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    F,
    Field,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    When,
)
from strawberry.utils.str_converters import to_camel_case

from schema import cursors
from schema.planner.compiler import TABLE_ROW, Asked, Row, admit
from schema.planner.prices import COUNT, THING
from schema.planner.rendering import EMPTY_LIST, ROWS, Columns, JsonCount, JsonPage, Keys, Sql, json_object
from schema.planner.slots import Run, Slot
from schema.planner.sources import page_size, related, visible_rows
from schema.planner.texts import place_text, signed

#: Stands in an answer where a cursor is of the list of another row: only the statement knows of which row each list is.
#: Nobody can have written it into a text, because nobody knows it.
OF_ANOTHER_ROW = f"cursor of another row {secrets.token_urlsafe(16)}"


@dataclass(frozen=True)
class Connection:
    """The rows whose key `by` points at this one, in pages; with `node`, what that key of theirs points at.

    `node_type` names the type of the rows where the field promises an interface only. `narrow` is given the values of the
    arguments named in `told` too; they are of types whose values are part of the plan's shape.
    """

    model: Any
    by: str
    order: tuple[str, ...]
    node: str | None = None
    narrow: Callable[..., Any] | None = None
    told: tuple[str, ...] = ()
    node_type: str | None = None
    #: For a list whose order no index has: which rows are on the page is settled from narrow indexes, and only those are
    #: read.
    keys_first: bool = False

    def __post_init__(self) -> None:
        goes_down(self.order)

    def compile(self, asked: Asked, row: Row) -> Any:
        """The page under this row."""
        rows = visible_rows(self.model, asked.viewer, by=self.by)
        if self.narrow:
            rows = self.narrow(rows, *(asked.arguments[to_camel_case(name)].now for name in self.told))
        return Page(
            asked,
            lambda parent: rows.filter(**{self.by: parent}),
            f"{asked.parent.name}.{asked.name}:",
            self.order,
            parent=row.outside("pk"),
            node=self.node,
            node_type=self.node_type,
            keys_first=self.keys_first,
        ).json()


@dataclass(frozen=True)
class NoPages:
    """A list that is empty until its part of the house is built, and as strict as any other."""

    def compile(self, asked: Asked, row: Row) -> Any:
        """A page of nothing."""
        size = asked.arguments["first"].then(page_size)
        asked.compiling.checks.append(size.at)
        if asked.arguments["after"].now is not None:
            raise cursors.BadCursor  # Nothing has been given out yet.
        nothing = {"hasNextPage": "false", "endCursor": "NULL"}
        return _object(
            asked,
            {
                "edges": lambda each: Sql("'[]'::json"),
                "totalCount": lambda each: Sql("0"),
                "pageInfo": lambda info: _object(info, {"*": lambda each: Sql(nothing[each.name])}),
            },
        )


class Page:
    """One page of the list called `place`; of the list of a row, if there is a `parent`: the key of that row."""

    def __init__(
        self,
        asked: Asked,
        rows: Callable[[Any], QuerySet[Any]],
        place: str,
        order: tuple[str, ...],
        *,
        parent: Any = None,
        node: str | None = None,
        node_type: str | None = None,
        keys_first: bool = False,
    ) -> None:
        self.asked = asked
        self.rows_of = rows
        self.model: Any = rows(parent).model
        self.place = place
        self.order = order
        self.parent = parent
        self.node = node
        self.node_type = node_type
        self.keys_first = keys_first
        size = asked.arguments["first"].then(page_size)
        self.size = size.slot("integer")
        self.inner = asked.row_set(size.at)
        #: What each row yields, by the names that the parts of the page speak of.
        self.columns: dict[str, Any] = {}
        #: What is made of each row, beside it.
        self.beside: list[Sql] = []
        self.looks_ahead = False
        #: Whether something is said of the rows that are on the page.
        self.is_read = False
        #: Whether what is told in its rows' place has been counted.
        self.is_replaced = False

    def json(self) -> Any:
        """The connection, as far as it is selected. Raises `BadCursor`."""
        # The subquery of the keys stands within that of the rows, so the parent is one query further out.
        rows = self.rows_of(OuterRef(self.parent) if self.keys_first else self.parent)
        after = self.asked.arguments["after"]
        read: Callable[[Run], list[Any]] | None = None
        if after.now is not None:
            read = self._reader(after.at)
            self.asked.compiling.checks.append(read)
            rows = rows.filter(self._behind(read))
        fields = self.inner.fields(self.asked.type, self.asked.nodes, self.asked.path)
        self.looks_ahead = any(
            info.name == "hasNextPage"
            for each in fields.values()
            if each.name == "pageInfo"
            for info in each.fields(each.type, each.nodes, each.path).values()
        )
        ways = {"edges": self._edges, "pageInfo": self._page_info, "totalCount": self._total}
        shape = json_object({key: _part(each, ways) for key, each in fields.items()})
        if not self.is_read:
            self.inner.level.clear()
        rows = rows.order_by(*self.order)
        if self.keys_first:
            keys = Keys(rows, size=self.size, looks_ahead=self.looks_ahead)
            on_page = Sql("{0} IN {1}", F("pk"), keys, output_field=BooleanField())
            rows = self.model._base_manager.filter(on_page).order_by(*self.order)
        page = JsonPage(
            rows,
            self.columns or ({"_0": Sql("1")} if self.is_read else {}),
            self.beside,
            shape,
            size=self.size,
            looks_ahead=self.looks_ahead,
        )
        if read is None or self.parent is None:
            return page
        self.asked.compiling.has_cursors = True
        of_this_row = Q(pk=Slot(lambda run: read(run)[0], "bigint"))
        return Case(When(of_this_row, then=page), default=Sql(f"to_json('{OF_ANOTHER_ROW}'::text)"))

    def _edges(self, asked: Asked) -> Sql:
        self.is_read = True
        ways = {"cursor": lambda each: signed(self._place_column()), "node": self._node}
        fields = asked.fields(asked.type, asked.nodes, asked.path)
        edge = Columns({key: _part(each, ways) for key, each in fields.items()})
        name = f"e{len(self.beside)}$"
        self.beside.append(edge.beside(name))
        if self.looks_ahead:
            items = f"array_to_json((array_agg({edge.row_of(name)}))[1:{{0}}])"
            return Sql(f"coalesce({items}, {EMPTY_LIST})", self.size)
        return Sql(f"coalesce(json_agg({edge.item_of(name)}), {EMPTY_LIST})")

    def _node(self, asked: Asked) -> Sql:
        number = len(self.columns)
        if self.node is not None:
            if not self.is_replaced:
                # What is told is what the row points at.
                self.inner.level.add(nodes=-1, work=-THING)
                self.is_replaced = True
            model = self.model._meta.get_field(self.node).related_model
            self.columns[f"_{number}"] = related(asked, TABLE_ROW, model, f"{self.node}_id")
            return Sql(f"{ROWS}._{number}")
        node = Columns(asked.values(TABLE_ROW, as_type=self.node_type))
        numbered = node.numbered(f"_{number}_")
        self.columns.update(numbered)
        self.beside.append(node.renamed(numbered, ROWS).beside(f"n{number}$"))
        return Sql(node.item_of(f"n{number}$"))

    def _page_info(self, asked: Asked) -> Sql:
        return _object(
            asked,
            {
                "hasNextPage": self._has_next_page,
                "endCursor": self._end_cursor,
            },
        )

    def _has_next_page(self, asked: Asked) -> Sql:
        self.is_read = True
        return Sql("count(*) > {0}", self.size)

    def _end_cursor(self, asked: Asked) -> Sql:
        self.is_read = True
        last = "least(count(*), {0})::integer"
        return signed(f"(array_agg({self._place_column()}))[{last}]", self.size)

    def _total(self, asked: Asked) -> JsonCount:
        self.asked.level.add(work=COUNT)
        return JsonCount(self.rows_of(self.parent))

    def _place_column(self) -> str:
        values = [(self._field(each), F(each.removeprefix("-"))) for each in self.order]
        self.columns["_place"] = place_text(self.place, self.parent, values)
        return f"{ROWS}._place"

    def _field(self, name: str) -> Field[Any, Any]:
        found: Field[Any, Any] = self.model._meta.get_field(name.removeprefix("-"))
        return found

    def _reader(self, after: Callable[[Run], Any]) -> Callable[[Run], list[Any]]:
        """What a cursor holds in a run: the key of the row whose list it is of, or none, and the ordering values."""

        def decoded(run: Run) -> list[Any]:
            place, values = cursors.opened(after(run))
            if not place.startswith(self.place):
                raise cursors.BadCursor
            key = place.removeprefix(self.place)
            if (self.parent is None) != (key == ""):
                raise cursors.BadCursor
            return [int(key) if key else None, *values]

        return lambda run: run.once(decoded)

    def _behind(self, read: Callable[[Run], list[Any]]) -> Sql:
        """The rows that stand behind a place: a comparison of rows, which an index can begin at."""
        slots = [_slot(read, at, self._field(each)) for at, each in enumerate(self.order, start=1)]
        columns = [F(each.removeprefix("-")) for each in self.order]
        count = len(columns)
        left = ", ".join(f"{{{at}}}" for at in range(count))
        right = ", ".join(f"{{{at}}}" for at in range(count, 2 * count))
        sign = "<" if goes_down(self.order) else ">"
        return Sql(f"(({left}) {sign} ({right}))", *columns, *slots, output_field=BooleanField())


def refuse_cursors_of_others(text: bytes) -> None:
    """Raises `BadCursor` when an answer of PostgreSQL says that a cursor is of the list of another row."""
    if OF_ANOTHER_ROW.encode() in text:
        raise cursors.BadCursor


def goes_down(order: tuple[str, ...]) -> bool:
    """Whether an order is from the greatest to the smallest; in all its columns, for so rows are compared."""
    directions = {each.startswith("-") for each in order}
    if len(directions) != 1:
        raise TypeError(f"{order} goes up and down")
    return directions.pop()


def _slot(read: Callable[[Run], list[Any]], at: int, field: Field[Any, Any]) -> Slot:
    if isinstance(field, DateTimeField):
        return Slot(lambda run: datetime.fromisoformat(read(run)[at]), "timestamptz")
    return Slot(lambda run: read(run)[at], "double precision" if isinstance(field, FloatField) else "bigint")


def _object(asked: Asked, ways: Mapping[str, Callable[[Asked], Any]]) -> Sql:
    """The fields that are selected of a part of a page, each made in its way; `*`: in the one way of all."""
    fields = asked.fields(asked.type, asked.nodes, asked.path)
    return json_object({key: _part(each, ways) for key, each in fields.items()})


def _part(asked: Asked, ways: Mapping[str, Callable[[Asked], Any]]) -> Any:
    if asked.name == "__typename":
        return Sql(f"'{asked.parent.name}'")
    admit(asked.definition, asked.compiling.standing)
    return ways.get(asked.name, ways.get("*"))(asked)  # type: ignore[misc]
