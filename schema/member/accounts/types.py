from datetime import datetime

import strawberry
from django.db.models import Q

from backend.accounts import models
from backend.projects.models import Project
from schema.declarations import Node, column, connection, expression, itself, many, node, one
from schema.member import refs
from schema.member.accounts.exports import DataExport, data_exports
from schema.member.feed.types import home_feed
from schema.member.follows.types import Followable
from schema.member.later import AccessToken, Image, none_yet, nothing_yet
from schema.member.notifications.types import NotificationPreference, notifications
from schema.paging import Connection
from schema.planner.slots import ASKING_SESSION
from schema.policies import ACCOUNT, NOTIFICATIONS, PUBLIC, WITH_IT, shown_to, with_policy
from social.follows.models import Follow, follows_viewer, is_followed_by, mutual_followers
from social.notifications.models import unread_count


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
    avatar: Image | None = nothing_yet("Their picture.")
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
    access_tokens: list[AccessToken] = none_yet("The keys that they made for programs.")
    data_exports: list[DataExport] = data_exports


@shown_to(WITH_IT)
@strawberry.type(description="A session that has just begun.")
class Session:
    token: str = column(
        "Send it as `Authorization: Bearer <token>`; it is told only now, and empty where the request said "
        "`Acequia-Session: cookie`: then a cookie holds it, which no script can read."
    )
    expires_at: datetime = column("When it ends by itself.")
    viewer: Viewer = one(models.User, key="user.pk", description="Who is logged in.")
