from datetime import datetime

import strawberry

from backend.accounts.models import User
from backend.boards.models import Board
from backend.communities.models import Community
from backend.projects import models
from schema.declarations import Node, column, connection, expression, many, node, one
from schema.member import refs
from schema.member.comments.types import Commentable, comments
from schema.member.enums import Category, ProjectPermission, ProjectStatus, Role
from schema.member.follows.types import Followable
from schema.member.later import (
    CollectiveReturn,
    Funding,
    Need,
    ProposalConnection,
    Reward,
    no_pages_yet,
    none_yet,
    nothing_yet,
)
from schema.member.media.shown import Image, cover, gallery
from schema.member.media.storage import StorageUsage, storage_of_project
from schema.paging import Connection
from schema.policies import PUBLIC
from social.follows.models import is_followed_by
from social.updates.models import Update, UpdateQuerySet


@node(models.Membership, policy=PUBLIC, description="Somebody's place in a project's team.")
class Membership(Node):
    role: Role = column("What they are in it.")
    user: refs.User | None = one(User, key="user_id", description="Who.")


def _published(updates: UpdateQuerySet) -> UpdateQuerySet:
    return updates.published()


@node(models.Project, policy=PUBLIC, description="What people fund and work on together.")
class Project(Followable, Commentable):
    slug: str = column("Its address.")
    title: str = column("What it is called.")
    summary: str = column("What it is, in a sentence or two.")
    description: str = column("All of it, in Markdown.")
    description_html: str = column("The same as safe HTML.")
    category: Category = column("Its domain.")
    tags: list[str] = column("Words to find it by, in lower case.")
    location: str = column("Where it is.")
    locale: str = column("The language that it is written in.")
    status: ProjectStatus = column("How far it has come; from LIVE on it is public.")
    created_at: datetime = column("When its draft was begun.")
    launched_at: datetime | None = column("When it became public.")
    update_count: int = column("How many updates it has published.")
    owner: refs.User | None = one(User, key="owner_id", description="Who answers for it.")
    community: refs.Community | None = one(
        Community, key="community_id", description="The community that it is part of."
    )
    team: list[Membership] = many(
        models.Membership, by="project_id", order=("id",), description="Who works on it, its owner first."
    )
    boards: list[refs.Board] = many(
        Board,
        by="project_id",
        order=("id",),
        usual=3,
        description="The boards of its work, oldest first.",
    )
    updates: refs.UpdateConnection = connection(
        Update,
        by="project_id",
        order=("-published_at", "-id"),
        narrow=_published,
        description="Its news, newest first.",
    )
    comments: refs.CommentConnection = comments(by="project_id")
    viewer_is_following: bool = expression(
        lambda viewer: is_followed_by(viewer, "project"), description="Whether the viewer follows it."
    )
    viewer_can: list[ProjectPermission] = expression(
        models.project_permissions, description="What the viewer may do with it now."
    )
    cover: Image | None = cover
    gallery: list[Image] = gallery
    storage: StorageUsage | None = storage_of_project
    needs: list[Need] = none_yet("What it asks for.")
    rewards: list[Reward] = none_yet("What one gets back.")
    collective_returns: list[CollectiveReturn] = none_yet("What everybody gets back.")
    funding: Funding | None = nothing_yet("Its money.")
    proposals: ProposalConnection = no_pages_yet("Changes that people propose to it.")


@strawberry.type(description="A page of projects.")
class ProjectConnection(Connection[Project]):
    pass
