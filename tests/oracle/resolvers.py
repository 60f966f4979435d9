"""What each declared source means, said once more in Python: row by row through the ORM, as slowly as it is simple.

Nothing is shared with the planner but the declarations themselves, so what both answer alike is not one mistake made once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from types import SimpleNamespace
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from graphql import GraphQLResolveInfo, get_named_type

from backend.core.refusals import Invalid, NotFound
from schema import cursors
from schema.context import Context
from schema.ids import from_global_id, pk_of, to_global_id
from schema.member.schema import schema
from schema.planner import elsewhere, finishing, pages, roots, sources
from tests.oracle.deeds import Refused, deed
from tests.oracle.paging import Page, Reader


@dataclass(frozen=True)
class Asked:
    """One field of one row, as it is asked for."""

    info: GraphQLResolveInfo
    #: What it is called where it is declared.
    python_name: str
    arguments: dict[str, Any]
    read: Reader

    @property
    def context(self) -> Context:
        """Who asks."""
        return self.info.context

    @property
    def viewer(self) -> Any:
        """The person, as querysets take them."""
        return self.context.viewer

    @property
    def parent(self) -> str:
        """The type that the row is shown as."""
        return self.info.parent_type.name


@singledispatch
def value(source: Any, asked: Asked, row: Any) -> Any:
    """What stands in this field of this row."""
    raise TypeError(f"nobody has said what {source} means")


def at(row: Any, path: str) -> Any:
    """What stands under a dotted path of a row, of an event's facts or of an action's answer."""
    for name in path.replace("__", ".").split("."):
        if row is None or isinstance(row, dict):
            row = row and row.get(name)
        else:
            # What is handed over may leave something out; a row has every column.
            row = getattr(row, name, None) if isinstance(row, SimpleNamespace) else getattr(row, name)
    return row


def seen(model: Any, asked: Asked, pk: Any) -> Any:
    """The row with a key, if the viewer may see it."""
    return None if pk is None else model.objects.visible_to(asked.viewer).filter(pk=pk).first()


def said_by_database(row: Model, expression: Any) -> Any:
    """What an expression is on one row."""
    if isinstance(expression, Q):
        expression = ExpressionWrapper(expression, output_field=BooleanField())
    rows = type(row)._default_manager.filter(pk=row.pk)
    return rows.annotate(_said=expression).values_list("_said", flat=True).get()


def holds(row: Model, when: Q | None) -> bool:
    """Whether a condition holds of one row."""
    return when is None or type(row)._default_manager.filter(when, pk=row.pk).exists()


@value.register
def _(source: sources.Column, asked: Asked, row: Any) -> Any:
    return at(row, source.name or asked.python_name)


@value.register
def _(source: sources.GlobalId, asked: Asked, row: Any) -> Any:
    return to_global_id(source.of or asked.parent, at(row, source.key))


@value.register
def _(source: sources.Computed, asked: Asked, row: Any) -> Any:
    if (asked.parent, asked.python_name) == ("ActiveSession", "current"):
        # It is told by a place that only a statement of the planner has.
        return bool(asked.context.session) and row.pk == asked.context.session.pk
    return said_by_database(asked.viewer if source.of_viewer else row, source.make(asked.viewer))


@value.register
def _(source: sources.Chosen, asked: Asked, row: Any) -> Any:
    return said_by_database(row, source.make(choice(asked, source.argument)))


@value.register
def _(source: sources.Constant, asked: Asked, row: Any) -> Any:
    return source.value


@value.register
def _(source: sources.Itself, asked: Asked, row: Any) -> Any:
    return row if holds(row, source.when) else None


@value.register
def _(source: sources.Handed, asked: Asked, row: Any) -> Any:
    return at(row, asked.python_name)


@value.register
def _(source: finishing.HandedWhole, asked: Asked, row: Any) -> Any:
    return at(row, asked.python_name)


@value.register
def _(source: sources.HandedWords, asked: Asked, row: Any) -> Any:
    words = at(row, asked.python_name)
    return None if words is None else words.split(" ")


@value.register
def _(source: sources.One, asked: Asked, row: Any) -> Any:
    return seen(source.model, asked, at(row, source.key)) if holds(row, source.when) else None


@value.register
def _(source: sources.OneOf, asked: Asked, row: Any) -> Any:
    for key, model in source.models.items():
        if (pk := at(row, key)) is not None:
            return seen(model, asked, pk)
    return None


@value.register
def _(source: sources.Many, asked: Asked, row: Any) -> Any:
    rows = narrowed(source, asked).filter(**{source.by: row.pk}).order_by(*source.order)
    found = [behind(source, asked, each) for each in rows]
    if source.node:
        found = [each for each in found if each is not None]
    return found[: size_of(asked)] if source.limited else found


@value.register
def _(source: elsewhere.Elsewhere, asked: Asked, row: Any) -> Any:
    rows = source.model.objects.visible_to(asked.viewer).filter(pk__in=source.keys(row.pk))
    return [*rows.order_by(*source.order)[: elsewhere.MOST]]


@value.register
def _(source: sources.Mine, asked: Asked, row: Any) -> Any:
    if asked.viewer is None:
        return None
    mine = narrowed(source, asked).filter(**{source.by: row.pk, source.owner: asked.viewer})
    # More than one would be a mistake of ours, and is to be heard of.
    return mine.get() if mine.exists() else None


@value.register
def _(source: sources.StreamCursor, asked: Asked, row: Any) -> Any:
    seq = at(row, source.seq) if isinstance(source.seq, str) else said_by_database(row, source.seq())
    return cursors.encode(f"{source.stream}{at(row, source.key)}", seq)


@value.register
def _(source: sources.Only, asked: Asked, row: Any) -> Any:
    only = narrowed(source, asked).filter(**{source.by: row.pk})
    # More than one would be a mistake of ours, and is to be heard of.
    return only.get() if only.exists() else None


@value.register
def _(source: finishing.Finished, asked: Asked, row: Any) -> Any:
    parts = source.parts(asked.viewer, *([choice(asked, source.argument)] if source.argument else []))
    return source.finish(**{name: said_by_database(row, each) for name, each in parts.items()})


@value.register
def _(source: pages.Connection, asked: Asked, row: Any) -> Any:
    rows = narrowed(source, asked, *(asked.arguments.get(camel(name)) for name in source.told))
    rows = rows.filter(**{source.by: row.pk})
    place = f"{asked.parent}.{asked.info.field_name}:{row.pk}"
    as_type = source.node_type
    return page(
        asked,
        rows,
        place,
        source.order,
        lambda each: Shown(each, as_type) if as_type else behind(source, asked, each),
    )


@value.register
def _(source: pages.NoPages, asked: Asked, row: Any) -> Any:
    size_of(asked)
    if asked.arguments.get("after") is not None:
        raise cursors.BadCursor
    return SimpleNamespace(
        edges=[], total_count=0, page_info=SimpleNamespace(has_next_page=False, end_cursor=None)
    )


@value.register
def _(source: roots.ViewersOwn, asked: Asked, row: Any) -> Any:
    return asked.viewer and seen(source.model, asked, asked.viewer.pk)


@value.register
def _(source: roots.OfTheRequest, asked: Asked, row: Any) -> Any:
    # Nothing is limited here.
    return None


@value.register
def _(source: roots.Found, asked: Asked, row: Any) -> Any:
    for name, column in source.by.items():
        if (given := asked.arguments.get(name)) is not None:
            key = pk_of(given, asked.info.return_type.name) if column == "pk" else given
            found = source.model.objects.visible_to(asked.viewer).filter(**{column: key}).first()
            return found or refuse()
    return refuse()


@value.register
def _(source: roots.AnyNode, asked: Asked, row: Any) -> Any:
    kind, pk = from_global_id(asked.arguments["id"], *source.nodes)
    return seen(source.nodes[kind], asked, pk) or refuse()


@value.register
def _(source: roots.Everything, asked: Asked, row: Any) -> Any:
    rows = narrowed(source, asked)
    if source.filterset:
        rows = filtered(source.filterset, rows, asked.arguments.get("filter") or {})
    # The values of an enumeration are its names, here as in the document.
    order = asked.arguments.get("order")
    columns = next(its for each, its in source.orders.items() if (each and each.value) == order)
    called = [each.value for each, its in source.orders.items() if each and its == columns]
    return page(asked, rows, ".".join([source.place, *called[:1]]), columns, lambda each: each)


@dataclass(frozen=True)
class Shown:
    """A row that is shown as another type than that of its model."""

    row: Any
    as_type: str


def resolver(source: Any, python_name: str, read: Reader) -> Callable[..., Any]:
    """The function of a field, as graphql-core calls it."""

    def resolve(row: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        asked = Asked(info, python_name, arguments, read)
        if info.parent_type.name == "Mutation":
            return deed(info)
        if isinstance(row, Refused):
            return row.errors if python_name == "errors" else None
        return value(source, asked, row.row if isinstance(row, Shown) else row)

    return resolve


def narrowed(source: Any, asked: Asked, *told: Any) -> QuerySet[Any]:
    """What the viewer may see of the rows of a list, as far as it is about them."""
    rows = source.model.objects.visible_to(asked.viewer)
    return source.narrow(rows, *told) if source.narrow else rows


def behind(source: Any, asked: Asked, row: Any) -> Any:
    """The row, or what the key of it points at of which the list tells."""
    if source.node is None:
        return row
    field = source.model._meta.get_field(source.node)
    return seen(field.related_model, asked, getattr(row, field.attname))


def filtered(filterset: Any, rows: QuerySet[Any], given: dict[str, Any]) -> QuerySet[Any]:
    """What a filter leaves, as its own form reads it."""
    bound = filterset({name: each for name, each in given.items() if each is not None}, queryset=rows)
    if not bound.is_valid():
        raise Invalid("filter", str(bound.errors))
    return bound.qs


def page(
    asked: Asked, rows: QuerySet[Any], place: str, order: tuple[str, ...], node: Callable[[Any], Any]
) -> Page:
    """One page of a list."""
    after = asked.arguments.get("after")
    behind = None if after is None else cursors.decode(after, place)
    return Page(asked.read, rows, place, order, node=node, size=size_of(asked), after=behind)


def size_of(asked: Asked) -> int:
    """How many rows are asked for. Raises `Invalid`."""
    first = asked.arguments.get("first")
    if first is not None and (first < 1 or first > 100):
        raise Invalid("first", "From 1 to 100.")
    return 20 if first is None else first


def choice(asked: Asked, argument: str) -> Any:
    """The value of an enumeration that is asked for: here it is called as in the document, for the planner it is ours."""
    declared = schema._schema.type_map[asked.parent].fields[asked.info.field_name].args[argument]
    values = get_named_type(declared.type).extensions["strawberry-definition"].wrapped_cls
    return values[asked.arguments[argument]]


def refuse() -> Any:
    """There is nothing of that name, or not for this viewer."""
    raise NotFound


def camel(name: str) -> str:
    """A name as GraphQL spells it."""
    first, *others = name.split("_")
    return first + "".join(each.title() for each in others)
