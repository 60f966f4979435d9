"""What happened around what a person follows, in one list; read together from what it is about, not kept."""

from datetime import datetime
from typing import Any

import strawberry

from schema.declarations import column, connection, field, itself
from schema.member import refs
from schema.member.later import nothing_yet
from schema.paging import Connection
from schema.planner.sources import GlobalId
from schema.policies import PUBLIC, shown_to
from social.updates.models import Update, UpdateQuerySet


@shown_to(PUBLIC)
@strawberry.interface(description="Something that happened around what a person follows.")
class FeedItem:
    id: strawberry.ID = field(GlobalId(), "Opaque and lasting; the same thing has the same id in every feed.")
    occurred_at: datetime = column("When it happened.")


@strawberry.type(description="A project has news.")
class UpdatePublished(FeedItem):
    occurred_at: datetime = column("When it happened.", name="published_at")
    update: refs.Update = itself("The news.")


@strawberry.type(description="A project became public. Not told yet.")
class ProjectLaunched(FeedItem):
    occurred_at: datetime = column("When it happened.", name="launched_at")
    project: refs.Project = itself("The project.")


@strawberry.type(description="There is a task to claim. Not told yet.")
class TaskOpened(FeedItem):
    occurred_at: datetime = column("When it happened.", name="created_at")
    task: refs.Task = itself("The task.")


@strawberry.type(description="Somebody's work was accepted. Not told yet.")
class TaskCompleted(FeedItem):
    occurred_at: datetime = column("When it happened.", name="created_at")
    task: refs.Task = itself("The task.")
    by: refs.User | None = nothing_yet("Who did it.")


@strawberry.type(description="A page of what happened.")
class FeedItemConnection(Connection[FeedItem]):
    pass


ITEMS = (UpdatePublished, ProjectLaunched, TaskOpened, TaskCompleted)


def _published(updates: UpdateQuerySet) -> UpdateQuerySet:
    return updates.published()


# A follow of a project is there once, so its updates are too.
home_feed: Any = connection(
    Update,
    by="project__followed_by__follower",
    order=("-published_at", "-id"),
    narrow=_published,
    node_type="UpdatePublished",
    keys_first=True,
    description="The news of the projects that the viewer follows, the latest first.",
)
