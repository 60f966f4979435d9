from datetime import datetime
from typing import Annotated, Any

import strawberry

from backend.accounts.events import user_stream
from backend.accounts.models import User
from backend.boards.models import Task
from backend.projects.models import Project
from schema.declarations import Node, column, connection, finished, many, node, one_of, stream_cursor
from schema.member import refs
from schema.member.enums import NotificationKind
from schema.paging import Connection
from schema.policies import NOTIFICATIONS, shown_to
from social.comments.models import Comment
from social.notifications import models
from social.notifications.sentences import link, link_parts, sentence, sentence_parts
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
    policy=NOTIFICATIONS,
    description="What happened that concerns the viewer; more of the same joins it while unread.",
)
class Notification(Node):
    kind: NotificationKind = column("What it is about.")
    occurred_at: datetime = column("When the last of it happened.")
    read_at: datetime | None = column("When the viewer read it; null: not yet.")
    actor_count: int = column("How many people it is about.")
    subject: Node | None = one_of(_SUBJECTS, description="What it happened to.")

    cursor: str = stream_cursor(
        "Strictly increasing for one person; resume from the last one seen.",
        stream=user_stream(""),
        key="user_id",
        seq="seq",
    )
    actors: list[refs.User] = many(
        models.NotificationActor,
        by="notification_id",
        order=("-seq", "-id"),
        node="user",
        limited=True,
        description="The people whom it is about, the latest first.",
    )
    text: str = finished(sentence_parts, sentence, description="One plain sentence in the reader's language.")
    url: str = finished(link_parts, link, description="Where to read on.")


@strawberry.type(description="A page of notifications.")
class NotificationConnection(Connection[Notification]):
    pass


@shown_to(NOTIFICATIONS)
@strawberry.type(description="How a person wants to be told of one kind of thing.")
class NotificationPreference:
    kind: NotificationKind = column("What it is about.")
    channels: list[str] = column("By which ways.")


UnreadOnly = Annotated[
    bool | None, strawberry.argument(description="True: only those that the viewer has not read.")
]


def _unread_only(rows: models.NotificationQuerySet, unread_only: bool | None) -> models.NotificationQuerySet:
    return rows.unread() if unread_only else rows


notifications: Any = connection(
    models.Notification,
    by="user_id",
    order=("-seq", "-id"),
    narrow=_unread_only,
    arguments={"unread_only": UnreadOnly},
    description="What happened that concerns the viewer, newest first.",
)
