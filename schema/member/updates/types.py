from datetime import datetime

import strawberry

from backend.accounts.models import User
from backend.projects.models import Project
from schema.declarations import column, node, one
from schema.member import refs
from schema.member.comments.types import Commentable, comments
from schema.member.enums import Audience
from schema.member.later import ReactionGroup, none_yet
from schema.member.media.shown import Attachment, attachments
from schema.paging import Connection
from schema.policies import PUBLIC
from social.updates import models


@node(models.Update, policy=PUBLIC, description="News that a project tells.")
class Update(Commentable):
    title: str = column("What it is about.")
    body: str = column("In Markdown.")
    body_html: str = column("The same as safe HTML.")
    audience: Audience = column("For whom it is.")
    created_at: datetime = column("When its draft was begun.")
    published_at: datetime | None = column(
        "When it was published; null for a draft, which only the team sees."
    )
    author: refs.User | None = one(User, key="author_id", description="Who wrote it.")
    project: refs.Project | None = one(Project, key="project_id", description="Whose news it is.")
    comments: refs.CommentConnection = comments(by="update_id")
    reactions: list[ReactionGroup] = none_yet("What people answered with an emoji.")
    attachments: list[Attachment] = attachments(
        models.UpdateAttachment, by="update_id", description="The files that belong to it; 10 at most."
    )


@strawberry.type(description="A page of updates.")
class UpdateConnection(Connection[Update]):
    pass
