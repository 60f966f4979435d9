"""The types of Relay connections; how a page is read is in `schema.planner.pages`."""

from typing import Generic, TypeVar

import strawberry

from schema.declarations import column
from schema.policies import WITH_IT, shown_to

Thing = TypeVar("Thing")


@shown_to(WITH_IT)
@strawberry.type(description="Where a page ends, and whether another follows.")
class PageInfo:
    has_next_page: bool = column("Something follows behind `endCursor`.")
    end_cursor: str | None = column("Pass it as `after` to read on.")


@shown_to(WITH_IT)
@strawberry.type(description="A row in its place in a list.")
class Edge(Generic[Thing]):
    cursor: str = column("Its place in this list, in this order.")
    node: Thing = column("The row.")


@shown_to(WITH_IT)
@strawberry.type(description="A page of a list.")
class Connection(Generic[Thing]):
    edges: list[Edge[Thing]] = column("The rows of this page, in order.")
    page_info: PageInfo = column("Whether there is more.")
    total_count: int = column("How many there are in the whole list, as far as the viewer may see.")
