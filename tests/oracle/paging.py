"""A page of a list, read anew: in Python over the whole list, which is the plainest; or by the database, for the server."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

from django.db.models import DateTimeField, Q, QuerySet

from schema import cursors


class Reader(Protocol):
    """A way to read: the rows that stand behind a place, at most so many."""

    def __call__(
        self, rows: QuerySet[Any], order: tuple[str, ...], behind: list[Any] | None, most: int
    ) -> list[Any]: ...


class Page:
    """What a connection shows; whatever is not selected is not read."""

    def __init__(
        self,
        read: Reader,
        rows: QuerySet[Any],
        place: str,
        order: tuple[str, ...],
        *,
        node: Callable[[Any], Any],
        size: int,
        after: list[Any] | None,
    ) -> None:
        self._read = read
        self._rows = rows
        self._place = place
        self._order = order
        self._node = node
        self._size = size
        self._after = after

    @cached_property
    def _found(self) -> list[Any]:
        behind = None if self._after is None else _read_back(self._rows.model, self._order, self._after)
        return self._read(self._rows, self._order, behind, self._size + 1)

    @property
    def edges(self) -> list["Edge"]:
        """Its rows, each in its place."""
        return [Edge(self, each) for each in self._found[: self._size]]

    @property
    def page_info(self) -> "Page":
        """Itself: it knows."""
        return self

    @property
    def has_next_page(self) -> bool:
        """Whether one more row was found than was asked for."""
        return len(self._found) > self._size

    @property
    def end_cursor(self) -> str | None:
        """The place of its last row."""
        rows = self._found[: self._size]
        return cursor_of(self._place, self._order, rows[-1]) if rows else None

    @property
    def total_count(self) -> int:
        """Of the whole list, wherever this page begins."""
        return self._rows.count()


class Edge:
    """A row in its place."""

    def __init__(self, page: Page, row: Any) -> None:
        self._page = page
        self._row = row

    @property
    def cursor(self) -> str:
        """Its place."""
        return cursor_of(self._page._place, self._page._order, self._row)

    @property
    def node(self) -> Any:
        """The row, or what it points at."""
        return self._page._node(self._row)


def in_python(rows: QuerySet[Any], order: tuple[str, ...], behind: list[Any] | None, most: int) -> list[Any]:
    """The whole list is fetched, sorted here, and cut."""
    down = order[0].startswith("-")
    found = sorted(rows.order_by(), key=lambda row: _values(order, row), reverse=down)
    if behind is not None:
        found = [
            row for row in found if (_values(order, row) < behind if down else _values(order, row) > behind)
        ]
    return found[:most]


def in_database(
    rows: QuerySet[Any], order: tuple[str, ...], behind: list[Any] | None, most: int
) -> list[Any]:
    """As a careful team would write it: a keyset, an order and a limit."""
    if behind is not None:
        further, same = Q(), {}
        for name, each in zip(order, behind, strict=True):
            column = name.removeprefix("-")
            further |= Q(**same, **{f"{column}__{'lt' if name != column else 'gt'}": each})
            same[column] = each
        rows = rows.filter(further)
    return list(rows.order_by(*order)[:most])


def cursor_of(place: str, order: tuple[str, ...], row: Any) -> str:
    """The cursor of a row, with each value as PostgreSQL writes it into JSON."""
    return cursors.encode(place, *map(spelled, _values(order, row)))


def spelled(value: Any) -> Any:
    """A value as PostgreSQL's JSON has it: no zeros at the end of a fraction."""
    if isinstance(value, datetime):
        whole, _, fraction = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").partition(".")
        return (
            f"{whole}.{fraction}".rstrip("0").rstrip(".") + "+00:00"
            if fraction.strip("0")
            else f"{whole}+00:00"
        )
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _values(order: tuple[str, ...], row: Any) -> list[Any]:
    return [getattr(row, name.removeprefix("-")) for name in order]


def _read_back(model: Any, order: tuple[str, ...], values: list[Any]) -> list[Any]:
    fields = [model._meta.get_field(name.removeprefix("-")) for name in order]
    return [
        datetime.fromisoformat(value) if isinstance(field, DateTimeField) else value
        for field, value in zip(fields, values, strict=True)
    ]
