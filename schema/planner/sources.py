"""Where the value of a field lives: the vocabulary in which types are declared, and the SQL that each word becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Model, Q, QuerySet, Subquery, When

from backend.core.refusals import Invalid
from schema.planner.compiler import TABLE_ROW, Asked, HandedRow, Row
from schema.planner.rendering import JsonList, JsonRow, Sql
from schema.planner.texts import global_id, signed

Narrow = Callable[[Any], Any]

#: The PostgreSQL type of a value that is handed over, by the GraphQL type that it is shown as.
_KINDS = {
    "Int": "integer",
    "Float": "double precision",
    "Boolean": "boolean",
    "DateTime": "timestamptz",
}
#: Rows of a page when nothing is said, and the most that one may ask for.
PAGE, LARGEST_PAGE = 20, 100


@dataclass(frozen=True)
class Column:
    """A column of the row itself."""

    name: str | None = None

    def compile(self, asked: Asked, row: Row) -> Any:
        """The value as JSON spells it."""
        name = self.name or asked.python_name
        return row.here(name, _KINDS.get(asked.type.name, "text"))


@dataclass(frozen=True)
class GlobalId:
    """The type and the key of the row, opaque; or of what a key of it points at, which is of the type `of`."""

    of: str | None = None
    key: str = "pk"

    def compile(self, asked: Asked, row: Row) -> Any:
        """As `schema.ids.to_global_id`."""
        return global_id(self.of or asked.parent.name, row.here(self.key, "bigint"))


@dataclass(frozen=True)
class Computed:
    """What the database says of the row for this viewer; or, `of_viewer`, of the viewer's own row."""

    make: Callable[[Any], Any]
    of_viewer: type[Model] | None = None

    def compile(self, asked: Asked, row: Row) -> Any:
        """The expression, on the row or on the viewer's."""
        value = self.make(asked.viewer)
        if self.of_viewer is None:
            return value
        rows = self.of_viewer._default_manager.filter(pk=asked.viewer)
        return Subquery(rows.annotate(_value=value).values("_value"))


@dataclass(frozen=True)
class Chosen:
    """What the database says of the row, made of the value of one argument.

    That is of an enumeration, and so a part of the plan's shape: each value has a plan of its own.
    """

    make: Callable[[Any], Any]
    argument: str

    def compile(self, asked: Asked, row: Row) -> Any:
        """The expression of that value."""
        return self.make(asked.arguments[self.argument].now)


@dataclass(frozen=True)
class Constant:
    """The same for every row: of a part of the house that is not built yet."""

    value: Any

    def compile(self, asked: Asked, row: Row) -> Any:
        """Null, or an empty list."""
        return Sql("NULL" if self.value is None else "'[]'::json")


@dataclass(frozen=True)
class Itself:
    """The row again, as another type; with `when`, only where that holds of it."""

    when: Q | None = None

    def compile(self, asked: Asked, row: Row) -> Any:
        """Its fields, in place."""
        value = asked.select(row)
        return value if self.when is None else Case(When(self.when, then=value), default=None)


@dataclass(frozen=True)
class Handed:
    """What an action answered under the field's name: values, not a row."""

    def compile(self, asked: Asked, row: Row) -> Any:
        """Its fields, or null where there is none."""
        if not isinstance(row, HandedRow):
            raise TypeError(f"{asked.parent.name}.{asked.name} is of nothing that was handed over")
        name = asked.python_name
        return asked.select(row.inner(name)) if row.known(name) else Sql("NULL")


@dataclass(frozen=True)
class HandedWords:
    """What an action answered under the field's name: words without spaces, in one text with spaces between them."""

    def compile(self, asked: Asked, row: Row) -> Any:
        """An array of them, or null where there is none."""
        if not isinstance(row, HandedRow):
            raise TypeError(f"{asked.parent.name}.{asked.name} is of nothing that was handed over")
        name = asked.python_name
        return Sql("string_to_array({0}, ' ')", row.here(name, "text")) if row.known(name) else Sql("NULL")


@dataclass(frozen=True)
class One:
    """The row that a key of this one points at; null when there is none, or none that the viewer may see.

    `under`: a key of that row, and what of this one it must be, where this one is told to nobody who may not see that.
    """

    model: Any
    key: str
    when: Q | None = None
    under: tuple[str, str] | None = None

    def compile(self, asked: Asked, row: Row) -> Any:
        """A subquery by the key."""
        value = related(asked, row, self.model, self.key, under=self.under)
        return value if self.when is None else Case(When(self.when, then=value), default=None)


@dataclass(frozen=True)
class OneOf:
    """The row that the one key of several which is set points at."""

    models: dict[str, Any]

    def compile(self, asked: Asked, row: Row) -> Any:
        """A subquery for each key; of what is handed over, for the one that is there."""
        if isinstance(row, HandedRow):
            known = [(key, model) for key, model in self.models.items() if row.known(key)]
            return (
                related(asked, row, known[0][1], known[0][0], as_type=known[0][1].__name__)
                if known
                else Sql("NULL")
            )
        branches = [
            # A type is called as its model is.
            When(Q(**{f"{key}__isnull": False}), then=related(asked, row, model, key, as_type=model.__name__))
            for key, model in self.models.items()
        ]
        return Case(*branches, default=None)


@dataclass(frozen=True)
class Many:
    """All rows whose key `by` points at this one, in a fixed order; with `node`, what that key of theirs points at.

    `limited`: the argument `first` says how many at most; the other lists are short, and priced as the `usual` one.
    """

    model: Any
    by: str
    order: tuple[str, ...]
    node: str | None = None
    narrow: Narrow | None = None
    limited: bool = False
    #: How many they usually are.
    usual: int = 10

    def compile(self, asked: Asked, row: Row) -> Any:
        """An array of a subquery."""
        size = asked.arguments["first"].then(page_size) if self.limited else None
        usual = self.usual
        inner = asked.row_set(size.at if size else lambda run: usual)
        rows = visible_rows(self.model, asked.viewer, self.narrow, by=self.by)
        rows = rows.filter(**{self.by: row.outside("pk")})
        most = size.slot("integer") if size else None
        if self.node is None:
            return JsonList(rows.order_by(*self.order), inner.values(TABLE_ROW), most=most)
        inner.level.clear()
        things = self.model._meta.get_field(self.node).related_model
        rows = rows.filter(**{f"{self.node}__in": visible_rows(things, asked.viewer)})
        return JsonList(
            rows.order_by(*self.order), related(inner, TABLE_ROW, things, f"{self.node}_id"), most=most
        )


@dataclass(frozen=True)
class Mine:
    """The viewer's own row of this one, of which there is at most one; null for anybody else."""

    model: Any
    by: str
    owner: str
    narrow: Narrow | None = None

    def compile(self, asked: Asked, row: Row) -> Any:
        """A subquery by both keys."""
        if asked.viewer is None:
            return Sql("NULL")
        rows = visible_rows(self.model, asked.viewer, self.narrow, by=self.by)
        rows = rows.filter(**{self.by: row.outside("pk"), self.owner: asked.viewer})
        return JsonRow(rows, asked.row_set().values(TABLE_ROW))


@dataclass(frozen=True)
class Only:
    """The row whose key `by` points at this one, of which there is at most one."""

    model: Any
    by: str
    narrow: Narrow | None = None

    def compile(self, asked: Asked, row: Row) -> Any:
        """A subquery by the key."""
        rows = visible_rows(self.model, asked.viewer, self.narrow, by=self.by)
        return JsonRow(rows.filter(**{self.by: row.outside("pk")}), asked.row_set().values(TABLE_ROW))


@dataclass(frozen=True)
class StreamCursor:
    """Where a stream of events stands: its name is a prefix and a key of the row, its number an expression on the row."""

    stream: str
    key: str
    seq: Callable[[], Any] | str

    def compile(self, asked: Asked, row: Row) -> Any:
        """As `schema.cursors.encode(stream, seq)`."""
        seq = row.here(self.seq, "bigint") if isinstance(self.seq, str) else self.seq()
        text = "('[\"" + self.stream + "' || {0} || '\",' || {1} || ']')"
        return signed(text, row.here(self.key, "bigint" if self.stream else "text"), seq)


def related(
    asked: Asked,
    row: Row,
    model: Any,
    key: str,
    *,
    under: tuple[str, str] | None = None,
    as_type: str | None = None,
) -> JsonRow:
    """The row of a model that a key points at, through its own visibility, or that of what it is `under`."""
    rows = visible_rows(model, asked.viewer, by=under and under[0]).filter(pk=row.outside(key))
    if under:
        rows = rows.filter(**{under[0]: row.outside(under[1])})
    return JsonRow(rows, asked.row_set().values(TABLE_ROW, as_type=as_type))


def visible_rows(
    model: Any, viewer: Any, narrow: Narrow | None = None, *, by: str | None = None
) -> QuerySet[Any]:
    """Where every read starts: what the viewer may see of a model, narrowed to what a list is about.

    `by`: of the rows whose key of that name points at something that this statement has found to be visible, so that a
    model need not ask for it again in each of them.
    """
    rows: QuerySet[Any]
    if by is not None and hasattr(model.objects, "visible_under"):
        rows = model.objects.visible_under(by.removesuffix("_id"), viewer)
    else:
        rows = model.objects.visible_to(viewer)
    return narrow(rows) if narrow else rows


def page_size(first: int | None) -> int:
    """How many rows a page has. Raises `Invalid`."""
    if first is None:
        return PAGE
    if not 1 <= first <= LARGEST_PAGE:
        raise Invalid("first", f"Between 1 and {LARGEST_PAGE}.")
    return first
