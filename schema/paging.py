"""Relay connections over keyset cursors (GraphQL Cursor Connections): never OFFSET, and a total only for who asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from django.db.models import Count

from schema import cursors
from schema.declarations import Info, Narrow, Visible, page_size, pages, visible_rows

Thing = TypeVar("Thing")

First = Annotated[int | None, strawberry.argument(description="How many, 1 to 100; 20 when absent.")]
After = Annotated[str | None, strawberry.argument(description="The `endCursor` of the page before.")]


@strawberry.type(description="Where a page ends, and whether another follows.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Something follows behind `endCursor`.")
    end_cursor: str | None = strawberry.field(description="Pass it as `after` to read on.")


@strawberry.type(description="A row in its place in a list.")
class Edge(Generic[Thing]):
    cursor: str = strawberry.field(description="Its place in this list, in this order.")
    node: Thing = strawberry.field(description="The row.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Thing]):
    edges: list[Edge[Thing]] = strawberry.field(description="The rows of this page, in order.")
    page_info: PageInfo = strawberry.field(description="Whether there is more.")

    @strawberry.field(description="How many there are in the whole list, as far as the viewer may see.")
    async def total_count(self) -> int:
        page: Any = self
        return int(await page.count())


@dataclass
class Page:
    """What flows through a `Connection`."""

    edges: list[Any]
    page_info: Any
    count: Callable[[], Any]


@dataclass
class _Edge:
    cursor: str
    node: Any


@dataclass
class _PageInfo:
    has_next_page: bool
    end_cursor: str | None


def connection(
    model: type[Visible],
    *,
    by: str,
    order: tuple[str, ...],
    node: str | None = None,
    narrow: Narrow | None = None,
    description: str,
) -> Any:
    """The rows whose key `by` points at this one, in pages; with `node`, what that foreign key of theirs points at."""

    async def resolve(root: Any, info: Info, first: First = None, after: After = None) -> Any:
        place = f"{info._raw_info.parent_type.name}.{info.field_name}:{root.pk}"
        return await page(
            info,
            model,
            place,
            by=by,
            key=root.pk,
            order=order,
            node=node,
            narrow=narrow,
            first=first,
            after=after,
        )

    return strawberry.field(resolver=resolve, description=description)


async def page(
    info: Info,
    model: type[Visible],
    place: str,
    *,
    by: str | None = None,
    key: int | None = None,
    order: tuple[str, ...],
    node: str | None = None,
    narrow: Narrow | None = None,
    about: Any = None,
    first: int | None,
    after: str | None,
) -> Page:
    """One page of the list called `place`; the pages that a round of fields asks for are read together.

    `about` tells apart lists that differ by `narrow` only. Raises `Invalid`, `BadCursor`.
    """
    size = page_size(first)
    behind = [_read(value) for value in cursors.decode(after, place)] if after is not None else None
    viewer = info.context.viewer
    same = (model, by, order, node, about or narrow)

    def load(keys: list[Any]) -> dict[Any, list[Any]]:
        info.context.spend(len(keys) * (size + 1))
        return pages(
            model,
            viewer,
            by=by,
            keys=keys,
            narrow=narrow,
            order=order,
            after=behind,
            most=size + 1,
            node=node,
        )

    def count(keys: list[Any]) -> dict[Any, int]:
        rows = visible_rows(model, viewer, narrow)
        if by is None:
            return {None: rows.count()}
        grouped = rows.filter(**{f"{by}__in": keys}).order_by().values_list(by).annotate(Count("pk"))
        return dict.fromkeys(keys, 0) | dict(grouped)

    rows = await info.context.load(("page", *same, size, after), key, load)
    edges = [
        _Edge(cursors.encode(place, *_place(row, order)), getattr(row, node) if node else row)
        for row in rows[:size]
    ]
    return Page(
        edges=edges,
        page_info=_PageInfo(len(rows) > size, edges[-1].cursor if edges else None),
        count=lambda: info.context.load(("count", *same), key, count),
    )


def _place(row: Any, order: tuple[str, ...]) -> list[Any]:
    values = [getattr(row, each.removeprefix("-")) for each in order]
    return [f"@{value.isoformat()}" if isinstance(value, datetime) else value for value in values]


def _read(value: Any) -> Any:
    return datetime.fromisoformat(value[1:]) if isinstance(value, str) and value.startswith("@") else value
