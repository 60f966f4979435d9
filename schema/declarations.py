"""How a field says where its value lives: a column, an expression, one row, many, or a connection.

A type is nothing but such declarations, so no rule can hide in a resolver and no list can cost a statement a row: what one
round of fields asks for is read together, through the visibility of its model.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import strawberry
from django.db.models import F, Model, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from backend.accounts.models import User
from backend.core.refusals import Invalid, NotFound
from schema.context import Context
from schema.ids import to_global_id

Narrow = Callable[[Any], Any]
Type = TypeVar("Type", bound=type)


#: What a resolver is told, with our context.
Info = strawberry.Info[Context, None]


class Visible(Protocol):
    """A model whose default queryset says what a person may see."""

    objects: Any


#: The model of each type that has a global id, by the name of the type.
NODES: dict[str, Any] = {}
#: What is read along with the rows of a model, always in the same statement.
_READ_ALONG: dict[Any, Narrow] = {}


@strawberry.interface(description="Anything that has an id of its own.")
class Node:
    @strawberry.field(description="Opaque and lasting; `node(id:)` finds the thing again.")
    def id(self, info: Info) -> strawberry.ID:
        # Django rows flow through the types, so `self` is one.
        row: Any = self
        return strawberry.ID(to_global_id(info._raw_info.parent_type.name, row.pk))


def node(model: type[Model], *, description: str, read_along: Narrow | None = None) -> Callable[[Type], Type]:
    """Declare the type of a model whose rows have global ids; `read_along` annotates each queryset of them."""

    def declare(declared: Type) -> Type:
        if read_along:
            _READ_ALONG[model] = read_along
        declared.is_type_of = classmethod(lambda cls, row, info: isinstance(row, model))  # type: ignore[attr-defined]
        NODES[declared.__name__] = model
        return strawberry.type(declared, description=description)

    return declare


def column(description: str, *, name: str | None = None) -> Any:
    """The value of the row's own column, of the field's name or of another."""
    if name is None:
        return strawberry.field(description=description)

    def resolve(root: Any) -> Any:
        return value_at(root, name)

    return strawberry.field(resolver=resolve, description=description)


def expression(
    model: type[Model],
    make: Callable[[User | None], Any],
    *,
    of_viewer: bool = False,
    description: str,
) -> Any:
    """What the database says of the row for this viewer; or, `of_viewer`, of the viewer's own row."""

    def resolve(root: Any, info: Info) -> Any:
        viewer = info.context.viewer

        def load(pks: list[int]) -> dict[int, Any]:
            return dict(model._base_manager.filter(pk__in=pks).values_list("pk", make(viewer)))

        pk = viewer.pk if of_viewer and viewer else root.pk
        return info.context.load((model, make), pk, load)

    return strawberry.field(resolver=resolve, description=description)


def one(model: type[Visible], *, key: str, description: str) -> Any:
    """The row that a key of this one points at; null when there is none, or none that the viewer may see."""

    def resolve(root: Any, info: Info) -> Any:
        pk = value_at(root, key)
        return None if pk is None else row_of(info, model, pk)

    return strawberry.field(resolver=resolve, description=description)


def one_of(models: dict[str, Any], *, description: str) -> Any:
    """The row that the one key of several which is set points at; null as with `one`."""

    def resolve(root: Any, info: Info) -> Any:
        for key, model in models.items():
            if (pk := value_at(root, key)) is not None:
                return row_of(info, model, pk)
        return None

    return strawberry.field(resolver=resolve, description=description)


def many(
    model: type[Visible],
    *,
    by: str,
    order: tuple[str, ...],
    node: str | None = None,
    narrow: Narrow | None = None,
    description: str,
) -> Any:
    """All rows whose key `by` points at this one, in a fixed order; only for lists that are short by nature.

    With `node` the value is not the row but what that foreign key of it points at, where the viewer may see it.
    """

    def resolve(root: Any, info: Info) -> Any:
        viewer = info.context.viewer

        def load(keys: list[int]) -> dict[int, list[Any]]:
            rows = visible_rows(model, viewer, narrow).filter(**{f"{by}__in": keys}).order_by(*order)
            if node:
                things = model._meta.get_field(node).related_model  # type: ignore[attr-defined]
                rows = rows.filter(**{f"{node}__in": visible_rows(things, viewer)}).select_related(node)
            found: dict[int, list[Any]] = defaultdict(list, {key: [] for key in keys})
            for row in rows:
                found[getattr(row, by)].append(getattr(row, node) if node else row)
            return found

        return info.context.load((model, by, order, node, narrow), root.pk, load)

    return strawberry.field(resolver=resolve, description=description)


def mine(model: type[Visible], *, by: str, owner: str, narrow: Narrow | None = None, description: str) -> Any:
    """The viewer's own row of this one, of which there is at most one; null for anybody else."""

    def resolve(root: Any, info: Info) -> Any:
        viewer = info.context.viewer

        def load(keys: list[int]) -> dict[int, Any]:
            rows = visible_rows(model, viewer, narrow).filter(**{f"{by}__in": keys, owner: viewer})
            return {getattr(row, by): row for row in rows}

        return info.context.load((model, by, owner, narrow), root.pk, load) if viewer else None

    return strawberry.field(resolver=resolve, description=description)


def row_of(info: Info, model: type[Visible], pk: int) -> Any:
    """Await a row by its key, through its own visibility."""
    viewer = info.context.viewer

    def load(pks: list[int]) -> dict[int, Any]:
        return visible_rows(model, viewer).in_bulk(pks)

    return info.context.load(model, pk, load)


def visible_rows(model: type[Visible], viewer: User | None, narrow: Narrow | None = None) -> QuerySet[Any]:
    """Where every read starts: what the viewer may see of a model, narrowed to what a list is about."""
    rows: QuerySet[Any] = model.objects.visible_to(viewer)
    if model in _READ_ALONG:
        rows = _READ_ALONG[model](rows)
    return narrow(rows) if narrow else rows


def row_by(info: Info, model: type[Visible], column: str, value: str | None) -> Any:
    """Await the row with this value in a unique column, through its own visibility; none for no value."""
    viewer = info.context.viewer

    def load(values: list[str]) -> dict[str, Any]:
        rows = visible_rows(model, viewer).filter(**{f"{column}__in": [each for each in values if each]})
        return {getattr(row, column): row for row in rows}

    return info.context.load((model, column), value, load)


def found(row: Any) -> Any:
    """The row that was asked for. Raises `NotFound` where there is none, or none that the viewer may see."""
    if row is None:
        raise NotFound
    return row


def pages(
    model: type[Visible],
    viewer: User | None,
    *,
    by: str | None,
    keys: list[int],
    narrow: Narrow | None,
    order: tuple[str, ...],
    after: list[Any] | None,
    most: int,
    node: str | None,
) -> dict[Any, list[Any]]:
    """The first `most` rows after a place, for each key of a list's owners at once, in one statement."""
    rows = visible_rows(model, viewer, narrow)
    if after is not None:
        rows = rows.filter(_behind(order, after))
    if by is None:
        page = rows.order_by(*order)[:most]
        return {None: list(page.select_related(node) if node else page)}
    rows = rows.filter(**{f"{by}__in": keys})
    if len(keys) > 1:
        place = Window(RowNumber(), partition_by=F(by), order_by=[_direction(each) for each in order])
        rows = rows.annotate(place_in_list=place).filter(place_in_list__lte=most).order_by(*order)
    else:
        rows = rows.order_by(*order)[:most]
    found: dict[Any, list[Any]] = {key: [] for key in keys}
    for row in rows.select_related(node) if node else rows:
        found[getattr(row, by)].append(row)
    return found


def value_at(root: Any, path: str) -> Any:
    """The value of a dotted path through attributes and the keys of documents; None where it ends early."""
    for part in path.split("."):
        root = root.get(part) if isinstance(root, dict) else getattr(root, part)
        if root is None:
            return None
    return root


def page_size(first: int | None) -> int:
    """How many rows a page has: 20 when nothing is said, never more than 100. Raises `Invalid`."""
    if first is None:
        return 20
    if not 1 <= first <= 100:
        raise Invalid("first", "Between 1 and 100.")
    return first


def _behind(order: tuple[str, ...], values: list[Any]) -> Q:
    """The rows that stand behind these ordering values: (a, b) > (x, y) written out, so that directions may differ."""
    condition, equal = Q(), Q()
    for each, value in zip(order, values, strict=True):
        name = each.removeprefix("-")
        condition |= equal & Q(**{f"{name}__{'lt' if each.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return condition


def _direction(each: str) -> Any:
    return F(each[1:]).desc() if each.startswith("-") else F(each).asc()
