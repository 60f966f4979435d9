from enum import Enum
from typing import Annotated

import strawberry

from backend.projects import models
from backend.projects.filters import ProjectFilter as ProjectFilterSet
from schema.declarations import Info, found, row_by
from schema.filtering import narrowed
from schema.member import refs
from schema.member.enums import Category, ProjectStatus
from schema.member.projects.types import ProjectConnection
from schema.paging import After, First, Page, page


@strawberry.input(description="What a list of projects is narrowed to; all of what is given must hold.")
class ProjectFilter:
    category: Category | None = strawberry.field(default=None, description="Their domain.")
    status: ProjectStatus | None = strawberry.field(default=None, description="How far they have come.")
    tag: str | None = strawberry.field(default=None, description="A word that they carry.")
    locale: str | None = strawberry.field(default=None, description="The language that they are written in.")
    community: str | None = strawberry.field(default=None, description="The slug of their community.")
    owner: str | None = strawberry.field(default=None, description="The handle of their owner.")
    search: str | None = strawberry.field(
        default=None, description="Words in their title or summary; at most 200 characters."
    )


@strawberry.enum(description="In which order projects come.")
class ProjectOrder(Enum):
    NEWEST = strawberry.enum_value("NEWEST", description="The last launched first.")
    MOST_FOLLOWED = strawberry.enum_value("MOST_FOLLOWED", description="The most followed first.")


# Each ends in a unique column, and none of its columns is ever null in the list: so a cursor names one place.
_ORDERS = {
    ProjectOrder.NEWEST: ("-launched_at", "-id"),
    ProjectOrder.MOST_FOLLOWED: ("-follower_count", "-id"),
}


@strawberry.type
class ProjectQueries:
    @strawberry.field(description="A project, by its address. Refusals: `NOT_FOUND`.")
    async def project(
        self, info: Info, slug: Annotated[str, strawberry.argument(description="Its address.")]
    ) -> refs.Project | None:
        return found(await row_by(info, models.Project, "slug", slug))

    @strawberry.field(description="The public projects.", graphql_type=ProjectConnection)
    async def projects(
        self,
        info: Info,
        filter: Annotated[
            ProjectFilter | None, strawberry.argument(description="Which; all when absent.")
        ] = None,
        order: Annotated[ProjectOrder | None, strawberry.argument(description="NEWEST when absent.")] = None,
        first: First = None,
        after: After = None,
    ) -> Page:
        order = order or ProjectOrder.NEWEST
        return await page(
            info,
            models.Project,
            f"projects.{order.value}",
            order=_ORDERS[order],
            narrow=lambda projects: narrowed(ProjectFilterSet, projects.public(), filter),
            # Two aliases of this field may differ by their filter: so they must not share what was read.
            about=repr(filter),
            first=first,
            after=after,
        )
