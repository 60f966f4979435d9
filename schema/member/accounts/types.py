from datetime import datetime
from typing import Any

import strawberry
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q, TextField

from backend.accounts import models
from backend.accounts.blocks import Block
from backend.accounts.models import has_second_factor, recovery_codes_left
from backend.applications import models as applications
from backend.projects.models import Project
from media import models as media
from schema.declarations import Node, column, connection, expression, field, itself, many, node, one
from schema.member import refs
from schema.member.accounts.exports import DataExport, data_exports
from schema.member.enums import AccessScope
from schema.member.feed.types import home_feed
from schema.member.follows.types import Followable
from schema.member.later import none_yet
from schema.member.media.shown import Image, avatar
from schema.member.media.storage import StorageUsage, storage_of_viewer
from schema.member.media.types import MediaConnection
from schema.member.media.uploads import UploadConnection
from schema.member.notifications.types import NotificationPreference, notifications
from schema.paging import Connection
from schema.planner.rendering import Sql
from schema.planner.slots import ASKING_SESSION
from schema.planner.sources import GlobalId
from schema.policies import ACCOUNT, NOTIFICATIONS, PUBLIC, WITH_IT, shown_to, with_policy
from social.follows.models import Follow, follows_viewer, is_followed_by, mutual_followers
from social.notifications.models import unread_count


def scope_names(text: str, column: str) -> Any:
    """The names of scopes in a column, which spells them as OAuth does; `text` makes words with spaces of it."""
    names = f"string_to_array(upper(translate({text}, ':', '_')), ' ')"
    return Sql(names, F(column), output_field=ArrayField(TextField()))


@node(models.User, policy=PUBLIC, description="A person.")
class User(Followable):
    handle: str = column("Their short name, unique, in lower case.")
    display_name: str = column("What they are called.")
    bio: str = column("What they say about themselves, in Markdown.")
    bio_html: str = column("The same as safe HTML.")
    location: str = column("Where they are.")
    website: str = column("Their own place on the web; empty for none.")
    skills: list[str] = column("What they can do.")
    interests: list[str] = column("What they care for.")
    created_at: datetime = column("When they joined.")
    following_count: int = column("How many people, projects and communities they follow.")
    project_count: int = column("How many public projects they own.")
    completed_task_count: int = column("How many tasks of theirs were accepted.")
    minutes_given: int = column("The time of their accepted work, in minutes.")
    viewer_is_following: bool = expression(
        lambda viewer: is_followed_by(viewer, "user"), description="Whether the viewer follows them."
    )
    follows_viewer: bool = expression(follows_viewer, description="Whether they follow the viewer.")
    mutual_follower_count: int = expression(
        mutual_followers, description="How many of their followers the viewer follows too."
    )
    avatar: Image | None = avatar
    followers: refs.UserConnection = connection(
        Follow, by="user_id", order=("-id",), node="follower", description="Who follows them, newest first."
    )
    following: refs.UserConnection = connection(
        Follow,
        by="follower_id",
        order=("-id",),
        node="user",
        narrow=lambda follows: follows.filter(user__isnull=False),
        description="The people whom they follow, newest first.",
    )
    projects: refs.ProjectConnection = connection(
        Project,
        by="owner_id",
        order=("-created_at", "-id"),
        description="The projects that they own, newest first.",
    )


@strawberry.type(description="A page of people.")
class UserConnection(Connection[User]):
    pass


@node(models.Session, policy=ACCOUNT, description="One of the viewer's logged-in clients.")
class ActiveSession(Node):
    user_agent: str = column("What the client called itself.")
    created_at: datetime = column("When it logged in.")
    expires_at: datetime = column("When it ends by itself.")

    current: bool = expression(lambda viewer: Q(pk=ASKING_SESSION), description="It is the one that asks.")


@node(models.AccessToken, policy=ACCOUNT, description="A key that the viewer made for a program.")
class AccessToken(Node):
    name: str = column("What its owner calls it.")
    scopes: list[AccessScope] = expression(
        lambda viewer: scope_names("array_to_string({0}, ' ')", "scopes"), description="What it may do."
    )
    expires_at: datetime = column("When it ends by itself.")
    last_used_at: datetime | None = column("When it was used last, to the hour; null where it never was.")


@node(
    applications.AuthorizedApplication,
    policy=ACCOUNT,
    description="A program of somebody else that the viewer let in (OAuth 2.0).",
)
class AuthorizedApplication(Node):
    name: str = expression(lambda viewer: F("application__name"), description="What it is called.")
    scopes: list[AccessScope] = expression(
        lambda viewer: scope_names("array_to_string({0}, ' ')", "scopes"), description="What it may do."
    )
    authorized_at: datetime = column("When it was let in last.")


# No `User`: of whom they have blocked, a person sees so much and no more, or they could not take it back.
@shown_to(ACCOUNT)
@strawberry.type(description="Somebody whom the viewer has blocked.")
class BlockedUser:
    id: strawberry.ID = field(GlobalId("User", "blocked_id"), "Their `id`; for the viewer nobody has it now.")
    handle: str = expression(lambda viewer: F("blocked__handle"), description="Their short name.")
    display_name: str = expression(
        lambda viewer: F("blocked__display_name"), description="What they are called."
    )
    blocked_at: datetime = column("When the viewer blocked them.", name="created_at")


@strawberry.type(description="A page of blocked people.")
class BlockedUserConnection(Connection[BlockedUser]):
    pass


@shown_to(ACCOUNT)
@strawberry.type(description="Whoever is asking.")
class Viewer:
    user: refs.User = with_policy(PUBLIC, itself("The person that others see."))
    email: str = column("Their address; nobody else sees it.")
    email_verified: bool = expression(
        lambda viewer: Q(email_verified_at__isnull=False), description="They have shown that it is theirs."
    )
    locale: str = column("The language that they read.")
    unread_notification_count: int = with_policy(
        NOTIFICATIONS,
        expression(lambda viewer: unread_count(), description="How many notifications wait for them."),
    )
    notifications: refs.NotificationConnection = with_policy(NOTIFICATIONS, notifications)
    home_feed: refs.FeedItemConnection = with_policy(PUBLIC, home_feed)
    notification_preferences: list[NotificationPreference] = none_yet("How they want to be told of what.")
    sessions: list[ActiveSession] = many(
        models.Session, by="user_id", order=("-created_at", "-id"), description="Where they are logged in."
    )
    data_exports: list[DataExport] = data_exports
    storage: StorageUsage = storage_of_viewer
    uploads: UploadConnection = connection(
        media.Upload,
        by="owner_id",
        order=("-id",),
        description="What they announced that they will send, newest first.",
    )
    media: MediaConnection = connection(
        media.Media, by="owner_id", order=("-id",), description="The files that they sent, newest first."
    )
    two_factor_enabled: bool = expression(
        lambda viewer: has_second_factor(),
        description="A code of their authenticator app is asked for at each log-in.",
    )
    recovery_codes_left: int = expression(
        lambda viewer: recovery_codes_left(), description="How many of their recovery codes are not used yet."
    )
    access_tokens: list[AccessToken] = many(
        models.AccessToken,
        by="user_id",
        order=("-created_at", "-id"),
        description="The keys that they made for programs, newest first; 50 at most.",
    )
    authorized_applications: list[AuthorizedApplication] = many(
        applications.AuthorizedApplication,
        by="user_id",
        order=("-authorized_at", "-id"),
        description="The programs of others that they let in, the latest first.",
    )
    blocked_users: BlockedUserConnection = connection(
        Block, by="blocker_id", order=("-id",), description="Whom they have blocked, the latest first."
    )


@shown_to(WITH_IT)
@strawberry.type(description="A session that has just begun.")
class Session:
    token: str = column(
        "Send it as `Authorization: Bearer <token>`; it is told only now, and empty where the request said "
        "`Acequia-Session: cookie`: then a cookie holds it, which no script can read."
    )
    device_token: str = column(
        "Keep it where the person logs in, and send it with `logIn` from there; it lets nobody in by itself."
    )
    expires_at: datetime = column("When it ends by itself.")
    viewer: Viewer = one(models.User, key="user.pk", description="Who is logged in.")
