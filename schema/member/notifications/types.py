from datetime import datetime
from typing import Annotated, Any

import strawberry

from backend.accounts.events import user_stream
from backend.accounts.models import User
from backend.boards.models import Task
from backend.projects.models import Project
from schema import cursors
from schema.declarations import Info, Node, column, node, one_of, page_size
from schema.member import refs
from schema.member.enums import NotificationKind
from schema.paging import After, Connection, First, Page, page
from social.comments.models import Comment
from social.notifications import models
from social.notifications.sentences import links, sentences
from social.updates.models import Update

_SUBJECTS = {
    "subject_user_id": User,
    "subject_project_id": Project,
    "subject_update_id": Update,
    "subject_comment_id": Comment,
    "subject_task_id": Task,
}


@node(
    models.Notification,
    description="What happened that concerns the viewer; more of the same joins it while unread.",
)
class Notification(Node):
    kind: NotificationKind = column("What it is about.")
    occurred_at: datetime = column("When the last of it happened.")
    read_at: datetime | None = column("When the viewer read it; null: not yet.")
    actor_count: int = column("How many people it is about.")
    subject: Node | None = one_of(_SUBJECTS, description="What it happened to.")

    @strawberry.field(description="Strictly increasing for one person; resume from the last one seen.")
    def cursor(self) -> str:
        row: Any = self
        return cursors.encode(user_stream(row.user_id), row.seq)

    @strawberry.field(
        description="The people whom it is about, the latest first.", graphql_type=list[refs.User]
    )
    async def actors(self, info: Info, first: First = None) -> Any:
        row: Any = self
        people = await info.context.load(models.latest_actors, row.pk, models.latest_actors)
        return people[: page_size(first)]

    @strawberry.field(description="One plain sentence in the reader's language.")
    async def text(self, info: Info) -> str:
        row: Any = self
        return str(await info.context.load(sentences, row.pk, sentences))

    @strawberry.field(description="Where to read on.")
    async def url(self, info: Info) -> str:
        row: Any = self
        return str(await info.context.load(links, row.pk, links))


@strawberry.type(description="A page of notifications.")
class NotificationConnection(Connection[Notification]):
    pass


@strawberry.type(description="How a person wants to be told of one kind of thing.")
class NotificationPreference:
    kind: NotificationKind = column("What it is about.")
    channels: list[str] = column("By which ways.")


UnreadOnly = Annotated[
    bool | None, strawberry.argument(description="True: only those that the viewer has not read.")
]


@strawberry.field(
    description="What happened that concerns the viewer, newest first.", graphql_type=NotificationConnection
)
async def notifications(
    root: Any, info: Info, first: First = None, after: After = None, unread_only: UnreadOnly = None
) -> Page:
    return await page(
        info,
        models.Notification,
        f"notifications:{root.pk}",
        by="user_id",
        key=root.pk,
        order=("-seq", "-id"),
        narrow=(lambda rows: rows.unread()) if unread_only else None,
        about=bool(unread_only),
        first=first,
        after=after,
    )
