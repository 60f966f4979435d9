from enum import Enum
from typing import Annotated

import strawberry

from backend.projects import models
from backend.projects.filters import ProjectFilter as ProjectFilterSet
from schema.declarations import everything, found
from schema.member import refs
from schema.member.enums import Category, ProjectStatus
from schema.member.projects.types import ProjectConnection
from schema.policies import PUBLIC


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
_NEWEST = ("-launched_at", "-id")
_ORDERS = {
    None: _NEWEST,
    ProjectOrder.NEWEST: _NEWEST,
    ProjectOrder.MOST_FOLLOWED: ("-follower_count", "-id"),
}

Slug = Annotated[str, strawberry.argument(description="Its address.")]
Filter = Annotated[ProjectFilter | None, strawberry.argument(description="Which; all when absent.")]
Order = Annotated[ProjectOrder | None, strawberry.argument(description="NEWEST when absent.")]


@strawberry.type
class ProjectQueries:
    project: refs.Project | None = found(
        models.Project,
        policy=PUBLIC,
        by={"slug": "slug"},
        arguments={"slug": Slug},
        description="A project, by its address. Refusals: `NOT_FOUND`.",
    )
    projects: ProjectConnection = everything(
        models.Project,
        policy=PUBLIC,
        place="projects",
        orders=_ORDERS,
        narrow=lambda projects: projects.public(),
        filterset=ProjectFilterSet,
        arguments={"filter": Filter, "order": Order},
        description="The public projects.",
    )
