"""The SQL that makes JSON: objects, rows, lists and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models import Expression, F, Field, QuerySet, Subquery, TextField
from django.db.models.expressions import BaseExpression

#: PostgreSQL calls no function with more than a hundred arguments, and cuts names that are longer than this.
_MOST_KEYS, _LONGEST_NAME = 50, 63
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
EMPTY_LIST = "'[]'::json"
#: What the rows of a subquery are called: a name that no column of theirs can have, for GraphQL knows no dollar sign.
ROWS = "r$"


class Sql(Expression):
    """SQL text of our own, never of a client's; `{0}`, `{1}` … stand for the expressions that it is made of."""

    def __init__(self, text: str, *parts: Any, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field or TextField())
        self.text = text
        self.parts = [*parts]

    def get_source_expressions(self) -> list[Any]:
        """What Django resolves within a query."""
        return self.parts

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """The same, resolved."""
        self.parts = [*exprs]

    @property
    def identity(self) -> tuple[Any, ...]:
        """Each is its own: Django would compare and hash what they were made of, at every level anew."""
        return (id(self),)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The text with its parts in it."""
        compiled = [_compiled(compiler, part) for part in self.parts]
        # In the order in which they stand in the text, for so must their parameters.
        order = [int(number) for number in re.findall(r"{(\d+)}", self.text)]
        params = tuple(param for number in order for param in compiled[number][1])
        return self.text.format(*(sql for sql, _ in compiled)), params


def json_object(values: dict[str, Any]) -> Sql:
    """A JSON object whose keys come in the order given; the keys are GraphQL names."""
    pairs = [f"'{_name(key)}', {{{number}}}" for number, key in enumerate(values)]
    chunks = [
        f"json_build_object({', '.join(pairs[at : at + _MOST_KEYS])})"
        for at in range(0, len(pairs) or 1, _MOST_KEYS)
    ]
    if len(chunks) > 1:
        # Of the text of each but the last brace, of all but the first but the first brace too.
        opened = [f"substr(left({chunk}::text, -1), {2 if at else 1})" for at, chunk in enumerate(chunks)]
        chunks = [f"({' || chr(44) || '.join(opened)} || chr(125))::json"]
    return Sql(chunks[0], *values.values())


class Columns:
    """The columns of a subquery, one for each key of the object that each of its rows becomes; or one that is JSON already.

    PostgreSQL makes an object of a row by the names of its columns, faster and in fewer bytes than from keys and values.
    """

    def __init__(self, values: dict[str, Any] | BaseExpression) -> None:
        if isinstance(values, dict) and (not values or any(len(key) > _LONGEST_NAME for key in values)):
            # It knows no row without columns, and cuts longer names.
            values = json_object(values)
        self._is_row = isinstance(values, dict)
        self._values: dict[str, Any] = values if isinstance(values, dict) else {"json": values}
        #: The names of the columns, as an alias of the subquery gives them.
        self.names = ", ".join(f'"{_name(key)}"' for key in self._values)

    def numbered(self, prefix: str = "_") -> dict[str, Any]:
        """The columns by names that no model has."""
        return {f"{prefix}{number}": value for number, value in enumerate(self._values.values())}

    def renamed(self, numbered: Iterable[str], alias: str) -> Columns:
        """The same columns, read from a subquery in which they have those names."""
        values = {key: Sql(f"{alias}.{name}") for key, name in zip(self._values, numbered, strict=True)}
        return Columns(values if self._is_row else values["json"])

    def beside(self, alias: str) -> Sql:
        """A row of these columns beside each row of a FROM clause."""
        named = (f'{{{number}}} AS "{key}"' for number, key in enumerate(self._values))
        return Sql(f", LATERAL (SELECT {', '.join(named)}) {alias}", *self._values.values())

    def row_of(self, alias: str) -> str:
        """The object of one row of the subquery that is called so."""
        return f"row_to_json({alias})" if self._is_row else f"{alias}.json"

    def item_of(self, alias: str) -> str:
        """The same as a part of what is made into JSON."""
        return alias if self._is_row else f"{alias}.json"


class _Rows(Subquery):
    """A subquery of some columns, and what is made of its rows."""

    def __init__(self, rows: QuerySet[Any], columns: dict[str, Any], *parts: Any) -> None:
        super().__init__(rows.annotate(**columns).values(*columns or ["pk"]), output_field=TextField())
        self.width = len(columns)
        self.parts: list[Any] = [*parts]

    def get_source_expressions(self) -> list[Any]:
        """What Django resolves within the query around it."""
        return [self.query, *self.parts]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """The same, resolved."""
        self.query, *self.parts = exprs

    def inner(self, compiler: Any, connection: Any) -> tuple[str, Sequence[Any]]:
        """The text of the subquery."""
        try:
            sql, params = self.query.as_sql(compiler, connection)
        except EmptyResultSet:
            return f"SELECT {', '.join(['NULL'] * self.width)} WHERE false", ()
        return sql[1:-1], params


class JsonRow(_Rows):
    """The JSON of one row, or null where there is no row."""

    def __init__(self, rows: QuerySet[Any], values: dict[str, Any]) -> None:
        self.columns = Columns(values)
        super().__init__(rows.order_by(), self.columns.numbered())

    def as_sql(
        self, compiler: Any, connection: Any, template: str | None = None, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """A scalar subquery."""
        inner, params = self.inner(compiler, connection)
        return f"(SELECT {self.columns.row_of(ROWS)} FROM ({inner}) {ROWS}({self.columns.names}))", (*params,)


class JsonList(_Rows):
    """The JSON of rows, in their order, as an array; of the first `most`, where that is given."""

    def __init__(
        self, rows: QuerySet[Any], values: dict[str, Any] | BaseExpression, *, most: Expression | None = None
    ) -> None:
        self.columns = Columns(values)
        super().__init__(rows, self.columns.numbered(), *([most] if most else []))

    def as_sql(
        self, compiler: Any, connection: Any, template: str | None = None, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """A scalar subquery."""
        inner, params = self.inner(compiler, connection)
        for most in self.parts:
            limit, more = compiler.compile(most)
            inner, params = f"{inner} LIMIT {limit}", (*params, *more)
        made = f"coalesce(json_agg({self.columns.item_of(ROWS)}), {EMPTY_LIST})"
        return f"(SELECT {made} FROM ({inner}) {ROWS}({self.columns.names}))", (*params,)


class JsonPage(_Rows):
    """What is said of the first rows of a list together: `shape`, over aggregates of `r` and of what is `beside` it.

    It reads `size` rows, and one more where it looks ahead.
    """

    def __init__(
        self,
        rows: QuerySet[Any],
        columns: dict[str, Any],
        beside: Sequence[Expression],
        shape: Expression,
        *,
        size: Expression,
        looks_ahead: bool,
    ) -> None:
        self.names = ", ".join(columns)
        self.looks_ahead = looks_ahead
        super().__init__(rows, columns, shape, size, *beside)

    def as_sql(
        self, compiler: Any, connection: Any, template: str | None = None, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """A scalar subquery."""
        inner, params = self.inner(compiler, connection)
        (shape, of_shape), (size, of_size), *beside = map(compiler.compile, self.parts)
        if not self.width:
            # Nothing is said of the rows, so they are not read: without an aggregate it would be said of each of them.
            return f"(SELECT {shape})", (*of_shape,)
        more = " + 1" if self.looks_ahead else ""
        return (
            f"(SELECT {shape} FROM ({inner} LIMIT {size}{more}) {ROWS}({self.names})"
            f"{''.join(sql for sql, _ in beside)})",
            (*of_shape, *params, *of_size, *(param for _, of_it in beside for param in of_it)),
        )


class Keys(_Rows):
    """The keys of the first rows of a list, to be asked with IN."""

    def __init__(self, rows: QuerySet[Any], *, size: Expression, looks_ahead: bool) -> None:
        self.looks_ahead = looks_ahead
        super().__init__(rows, {"_key": F("pk")}, size)

    def as_sql(
        self, compiler: Any, connection: Any, template: str | None = None, **_: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """A subquery."""
        inner, params = self.inner(compiler, connection)
        size, of_size = compiler.compile(self.parts[0])
        return f"({inner} LIMIT {size}{' + 1' if self.looks_ahead else ''})", (*params, *of_size)


class JsonCount(Subquery):
    """How many rows there are."""

    template = "(SELECT count(*) FROM (%(subquery)s) c)"
    empty_result_set_value = 0

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.order_by().values("pk"), output_field=TextField())


def _name(key: str) -> str:
    """A name that may stand in SQL as it is. Raises `ValueError`."""
    if not _NAME.fullmatch(key):
        raise ValueError(f"{key!r} is no GraphQL name")
    return key


def _compiled(compiler: Any, expression: Any) -> tuple[str, Sequence[Any]]:
    # What can never be, or must always be, Django tells by exceptions.
    try:
        sql, params = compiler.compile(expression)
    except EmptyResultSet:
        nothing = getattr(expression, "empty_result_set_value", False)
        return "NULL" if nothing is None else "false" if nothing is False else str(nothing), ()
    except FullResultSet:
        return "true", ()
    return sql, params
