from datetime import datetime
from typing import Any

import strawberry
from django.db.models import Q

from backend.accounts.models import User
from backend.boards.models import Task
from backend.projects.models import Project
from schema.declarations import Node, column, connection, expression, node, one, one_of
from schema.member import refs
from schema.member.later import ReactionGroup, none_yet
from schema.member.media.shown import Attachment, attachments
from schema.paging import Connection
from schema.policies import PUBLIC
from social.comments import models
from social.updates.models import Update

#: The column of a comment that points at each kind of subject.
SUBJECTS = {"project_id": Project, "update_id": Update, "task_id": Task}


def comments(by: str) -> Any:
    """The threads under a subject."""
    return connection(
        models.Comment,
        by=by,
        order=("id",),
        narrow=_right_under,
        description="The comments right under it, oldest first.",
    )


def _right_under(rows: models.CommentQuerySet) -> models.CommentQuerySet:
    return rows.filter(parent__isnull=True)


@strawberry.interface(description="What can be commented on: a project, an update or a task.")
class Commentable(Node):
    comment_count: int = column("How many comments stand under it, replies among them.")
    # Each type says by which column; the interface needs one too, for the arguments of its field.
    comments: refs.CommentConnection = comments(by="project_id")


@node(models.Comment, policy=PUBLIC, description="What somebody said.")
class Comment(Node):
    body: str = column("In Markdown; empty when it is deleted.")
    body_html: str = column("The same as safe HTML.")
    created_at: datetime = column("When it was said.")
    edited_at: datetime | None = column("When it was changed last.")
    is_deleted: bool = expression(
        lambda viewer: Q(deleted_at__isnull=False),
        description="Its author took it back; its place stays for the replies.",
    )
    depth: int = column("0 right under its subject, 1 for a reply to that, up to 5.")
    reply_count: int = column("How many replied to it.")
    author: refs.User | None = one(
        User,
        key="author_id",
        when=Q(deleted_at__isnull=True),
        description="Who said it; null when it is deleted.",
    )
    parent: refs.Comment | None = one(models.Comment, key="parent_id", description="What it replies to.")
    subject: Commentable | None = one_of(SUBJECTS, description="What it is about.")
    replies: refs.CommentConnection = connection(
        models.Comment, by="parent_id", order=("id",), description="The replies to it, oldest first."
    )
    reactions: list[ReactionGroup] = none_yet("What people answered with an emoji.")
    attachments: list[Attachment] = attachments(
        models.CommentAttachment, by="comment_id", description="The files that belong to it; 10 at most."
    )


@strawberry.type(description="A page of comments.")
class CommentConnection(Connection[Comment]):
    pass
