"""Lists of open data: django-filter's arguments as graphene-django makes them, and pages by keyset of our own.

graphene-django's pages are offsets, counted each time, and bounded by `assert`, which `python -O` leaves out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import django_filters
import graphene
from django.core.exceptions import ValidationError
from django.db.models import Model, Prefetch, Q, QuerySet
from graphene.relay.connection import Connection, ConnectionOptions
from graphene.utils.str_converters import to_camel_case
from graphene_django.filter import DjangoFilterConnectionField
from graphql import GraphQLObjectType, GraphQLResolveInfo

from backend.core.refusals import Invalid
from schema import cursors
from schema.cursors import BadCursor
from schema.deadlines import Deadline
from schema.opendata.filters import MEANT
from schema.opendata.role import DATABASE
from schema.opendata.selections import Selections, object_of

MOST, USUAL = 100, 20


class PageInfo(graphene.ObjectType):
    class Meta:
        description = "Where a page ends, and whether another follows."

    has_next_page = graphene.Boolean(required=True, description="Something follows behind `endCursor`.")
    end_cursor = graphene.String(description="Pass it as `after` to read on.")


class OpenConnection(Connection):
    """A page of a list, with the words that ours have; `totalCount` is counted when it is asked."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, node: Any = None, name: str | None = None, **options: Any) -> None:
        base = (name or cls.__name__).removesuffix("Connection")
        words = type("Meta", (), {"description": "A row in its place in a list.", "name": f"{base}Edge"})
        edge = type(
            f"{base}Edge",
            (graphene.ObjectType,),
            {
                "Meta": words,
                "cursor": graphene.String(
                    required=True, description="Its place in this list, in this order."
                ),
                "node": graphene.Field(node, required=True, description="The row."),
            },
        )
        meta = ConnectionOptions(cls)
        meta.node = node
        listed = graphene.List(graphene.NonNull(edge))
        meta.fields = {
            "edges": graphene.Field(listed, required=True, description="The rows of this page, in order."),
            "page_info": graphene.Field(PageInfo, required=True, description="Whether there is more."),
            "total_count": graphene.Field(
                graphene.Int,
                required=True,
                description="How many there are in the whole list; counted when it is asked.",
            ),
        }
        cls.Edge = edge
        super(Connection, cls).__init_subclass_with_meta__(
            _meta=meta, name=name, description="A page of a list.", **options
        )


@dataclass(frozen=True, slots=True)
class Edge:
    cursor: str
    node: Model


@dataclass(slots=True)
class Page:
    """A page as its fields are read; counting waits until it is asked."""

    edges: list[Edge]
    page_info: dict[str, Any]
    _count: Callable[[], int]

    @property
    def total_count(self) -> int:
        """How many rows the whole list has."""
        return self._count()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the fields of one operation know of it."""

    deadline: Deadline


class KeysetField(DjangoFilterConnectionField):
    """A list of everything in one view, filtered and in order.

    `orders`: the columns that it can be ordered by, never null; the first, downwards, is the usual one. Of rows that are
    alike there the key decides, so each has one place.
    """

    def __init__(
        self,
        node: Any,
        *,
        name: str,
        filterset: type[django_filters.FilterSet],
        orders: tuple[str, ...],
        description: str,
    ) -> None:
        self._list = name
        self._orders = {to_camel_case(order): order for order in orders}
        self._usual = f"-{to_camel_case(orders[0])}"
        super().__init__(node, filterset_class=filterset, required=True, description=description)

    @property
    def type(self) -> Any:
        """The connection; never null."""
        return graphene.NonNull(self.connection_type)

    @property
    def connection_type(self) -> Any:
        """The connection of its node."""
        return self._node._meta.connection

    @property
    def _node(self) -> Any:
        node = super(DjangoFilterConnectionField.__mro__[2], self).type
        return node.of_type if isinstance(node, graphene.NonNull) else node

    @cached_property
    def _arguments(self) -> dict[str, graphene.Argument]:
        names = ", ".join(f"`{name}`" for name in self._orders)
        return {
            "first": graphene.Argument(
                graphene.Int, default_value=USUAL, description=f"How many rows: 1 to {MOST}."
            ),
            "after": graphene.Argument(
                graphene.String, description="An `endCursor` of this list, to read on."
            ),
            "order_by": graphene.Argument(
                graphene.String,
                default_value=self._usual,
                description=f"What it is ordered by: {names}; with `-` before it from the most to the least.",
            ),
            **{name: self._narrowed(name, each) for name, each in self.filterset_class.base_filters.items()},
        }

    @staticmethod
    def _narrowed(name: str, each: django_filters.Filter) -> graphene.Argument:
        # Whole numbers all of them; what graphene-django makes of one is a Decimal, which may be 1E+999999.
        kind = graphene.Int if isinstance(each, django_filters.NumberFilter) else graphene.String
        return graphene.Argument(kind, description=each.extra.get("label") or each.label or MEANT[name])

    @property
    def args(self) -> dict[str, graphene.Argument]:
        """Its own and the filters'; none that leads to an offset."""
        return self._arguments

    @args.setter
    def args(self, args: Any) -> None:
        pass

    def wrap_resolve(self, parent_resolver: Any) -> Any:
        """Read by the keyset, and by no other resolver."""
        return self._page

    def _page(self, root: Any, info: GraphQLResolveInfo, /, **given: Any) -> Page:
        first = given.get("first")
        if first is None or not 1 <= first <= MOST:
            raise Invalid("first", f"From 1 to {MOST}.")
        rows = self._filtered(info, given)
        order = given.get("order_by") or self._usual
        column = self._orders.get(order.removeprefix("-"))
        if column is None or order.startswith("--"):
            raise Invalid("orderBy", f"One of {', '.join(self._orders)}, with or without `-`.")
        place = f"open.{self._list}.{order}"
        is_down = order.startswith("-")
        sign = "-" if is_down else ""
        page = rows.order_by(f"{sign}{column}", f"{sign}pk")
        if given.get("after") is not None:
            page = page.filter(
                _behind(rows.model, column, is_down, *_opened(rows.model, column, given["after"], place))
            )
        found = self._read(page[: first + 1], column, info)
        edges = [Edge(_cursor(place, row, column), row) for row in found[:first]]
        more = {
            "has_next_page": len(found) > first,
            "end_cursor": edges[-1].cursor if edges else None,
        }
        return Page(edges, more, partial(_counted, rows, info.context.deadline))

    def _filtered(self, info: GraphQLResolveInfo, given: Mapping[str, Any]) -> QuerySet[Any]:
        filterset = self.filterset_class(
            data={name: given.get(name) for name in self.filterset_class.base_filters},
            queryset=self.model.objects.using(DATABASE),
        )
        if not filterset.is_valid():
            name, problems = next(iter(filterset.form.errors.items()))
            raise Invalid(to_camel_case(name), " ".join(problems))
        info.context.deadline.check()
        narrowed: QuerySet[Any] = filterset.qs
        return narrowed

    def _read(self, page: QuerySet[Any], column: str, info: GraphQLResolveInfo) -> list[Any]:
        info.context.deadline.check()
        selections = Selections(info.schema, info.fragments, info.variable_values)
        connection = object_of(info.return_type)
        edges = selections.below(connection, info.field_nodes).get("edges", [])
        edge = object_of(connection.fields["edges"].type)
        nodes = selections.below(edge, edges).get("node", [])
        return list(
            _narrowed_to(page, self._node, object_of(edge.fields["node"].type), nodes, selections, column)
        )


def _narrowed_to(
    rows: QuerySet[Any],
    node: Any,
    type_: GraphQLObjectType,
    nodes: list[Any],
    selections: Selections,
    *columns: str,
) -> QuerySet[Any]:
    """These rows with the columns that are selected; those that they point at come in a statement of their own."""
    wanted = {"pk", *columns}
    names = {to_camel_case(name): name for name in node._meta.fields}
    for field, its_nodes in selections.below(type_, nodes).items():
        name = names.get(field)
        if name is None or name == "id":
            continue
        wanted.add(name)
        column = rows.model._meta.get_field(name)
        if column.related_model is not None:
            other = node._meta.registry.get_type_for_model(column.related_model)
            its_type = object_of(type_.fields[field].type)
            others = column.related_model.objects.using(DATABASE)
            others = _narrowed_to(others, other, its_type, its_nodes, selections)
            rows = rows.prefetch_related(Prefetch(name, queryset=others))
    return rows.only(*wanted)


def _counted(rows: QuerySet[Any], deadline: Deadline) -> int:
    deadline.check()
    return rows.count()


def _behind(model: type[Model], column: str, is_down: bool, value: Any, key: Any) -> Q:
    beyond = "lt" if is_down else "gt"
    if column == model._meta.pk.name:
        return Q((f"pk__{beyond}", key))
    # The first question alone finds the place in an index; the others are of the rows that are alike there.
    return Q((f"{column}__{beyond}e", value)) & (
        Q((f"{column}__{beyond}", value)) | Q((f"pk__{beyond}", key))
    )


def _cursor(place: str, row: Model, column: str) -> str:
    value = getattr(row, column)
    return cursors.encode(place, value.isoformat() if hasattr(value, "isoformat") else value, row.pk)


def _opened(model: type[Model], column: str, cursor: str, place: str) -> tuple[Any, Any]:
    value, key = cursors.decode(cursor, place)
    field: Any = model._meta.get_field(column)
    try:
        return field.to_python(value), model._meta.pk.to_python(key)
    except ValidationError:  # pragma: no cover  # It is signed, so it was given out by an older house.
        raise BadCursor from None
