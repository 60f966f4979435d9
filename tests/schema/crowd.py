"""Worlds of a chosen size: so many parents, and under each of them so many rows of everything that it has a list of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, islice
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from backend.accounts.models import AccessToken, DataExport, ExportState, Session, User
from backend.applications.models import Application, AuthorizedApplication
from backend.boards.models import Board, Claim, ClaimState, Task
from backend.communities.models import Community, CommunityKind
from backend.projects.models import Category, Membership, Project, ProjectStatus, Role
from media.models import MOST_ATTACHED, Media, PlacementKind, Purpose
from social.comments.models import Comment
from social.follows.models import Follow
from social.notifications.models import Notification, NotificationActor, NotificationKind
from social.updates.models import Update
from tests import files

#: The tag of the projects that are parents; the others are rows.
PARENT = "parent"
_numbers = count(1)


@dataclass(frozen=True)
class Crowd:
    """Where the lists of a world begin. Nobody has two parts in it, so no row is known already from somewhere else."""

    viewer: User
    star: User
    forum: Project
    workshop: Board


def crowd(parents: int, rows: int) -> Crowd:
    """A star's followers, communities, projects and their boards, threads and news, and somebody who is told a lot."""
    viewer, star = people(2)
    _sessions(viewer, rows)
    _access_tokens(viewer, rows)
    _exports(viewer, rows)
    _applications(viewer, rows)
    _files(viewer, rows)
    followers = people(parents)
    follow((each, star) for each in followers)
    follow((fan, each) for each in followers for fan in people(rows))
    follow((each, other) for each in followers for other in people(rows))
    projects([each for each in followers for _ in range(rows)])
    # Followed, so that they come before the communities of the other projects.
    places = communities(parents, follower_count=1)
    projects(people(parents * rows), places=[place for place in places for _ in range(rows)])
    galleries(projects(people(parents), each=rows, tags=[PARENT]), rows)
    (forum,) = projects(people(1), each=0)
    boards([forum], parents, each=rows)
    attach(comments("project", [forum], parents, each=rows), rows)
    attach(updates([forum], parents, each=rows), rows)
    Follow.objects.create(follower=viewer, project=forum)
    (workshop,) = boards(projects(people(1), each=0), 1, each=0)
    made = tasks([workshop], parents, each=rows)
    attach(made, rows)
    attach(Claim.objects.filter(task__in=made), 1)
    notifications(viewer, parents, each=rows)
    with connection.cursor() as cursor:
        # What the database knows of its tables is of rows that were rolled back: for tables without a row it would
        # plan to look at every row of one for each of another.
        cursor.execute("ANALYZE")
    return Crowd(viewer, star, forum, workshop)


def people(number: int) -> list[User]:
    """So many whom nobody has met before."""
    names = [f"somebody-{next(_numbers)}" for _ in range(number)]
    return User.objects.bulk_create(
        User(handle=name, email=f"{name}@example.org", display_name=name, password="!") for name in names
    )


def follow(pairs: Iterable[tuple[User, User]]) -> None:
    """The first of each pair follows the second."""
    Follow.objects.bulk_create(Follow(follower=one, user=other) for one, other in pairs)


def communities(number: int, **facts: object) -> list[Community]:
    """So many places."""
    return Community.objects.bulk_create(
        Community(slug=f"place-{next(_numbers)}", name="A place", kind=CommunityKind.LOCAL, **facts)
        for _ in range(number)
    )


def projects(
    owners: Sequence[User], *, each: int = 1, places: Sequence[Community] | None = None, **facts: object
) -> list[Project]:
    """A public project for each owner, with so many members, boards, comments and pieces of news each."""
    made = Project.objects.bulk_create(
        Project(
            owner=owner,
            community=place,
            slug=f"project-{next(_numbers)}",
            title="A project",
            category=Category.SOCIAL,
            status=ProjectStatus.LIVE,
            launched_at=timezone.now(),
            **facts,
        )
        for owner, place in zip(owners, places or communities(len(owners)), strict=True)
    )
    members = iter(people(each * len(made)))
    Membership.objects.bulk_create(
        Membership(project=project, user=member, role=Role.EDITOR)
        for project in made
        for member in islice(members, each)
    )
    boards(made, each)
    comments("project", made, each)
    updates(made, each)
    return made


def boards(projects: Sequence[Project], number: int, *, each: int = 1) -> list[Board]:
    """So many boards on each project, with so many tasks each."""
    made = Board.objects.bulk_create(
        Board(project=project, title="A board") for project in projects for _ in range(number)
    )
    tasks(made, each)
    return made


def tasks(boards: Sequence[Board], number: int, *, each: int = 1) -> list[Task]:
    """So many tasks on each board, with so many holders and comments each."""
    made = Task.objects.bulk_create(
        Task(board=board, number=place, title="A task", position=place, slots=100)
        for board in boards
        for place in range(1, number + 1)
    )
    now = timezone.now()
    holders = iter(people(each * len(made)))
    Claim.objects.bulk_create(
        Claim(task=task, claimant=holder, state=ClaimState.SUBMITTED, submitted_at=now, expires_at=now)
        for task in made
        for holder in islice(holders, each)
    )
    comments("task", made, each)
    return made


def updates(projects: Sequence[Project], number: int, *, each: int = 1) -> list[Update]:
    """So much news of each project, with so many comments each."""
    authors = iter(people(number * len(projects)))
    made = Update.objects.bulk_create(
        Update(
            project=project,
            author=author,
            title="News",
            body="!",
            body_html="<p>!</p>",
            published_at=timezone.now(),
        )
        for project in projects
        for author in islice(authors, number)
    )
    comments("update", made, each)
    return made


def comments(subject: str, subjects: Sequence[object], number: int, *, each: int = 1) -> list[Comment]:
    """So many comments on each subject, with so many replies each."""
    authors = iter(people(number * (1 + each) * len(subjects)))
    made = Comment.objects.bulk_create(
        Comment(**{subject: about}, author=author, body="Yes.", body_html="<p>Yes.</p>", reply_count=each)
        for about in subjects
        for author in islice(authors, number)
    )
    Comment.objects.bulk_create(
        Comment(
            **{subject: getattr(comment, subject)},
            parent=comment,
            depth=1,
            author=author,
            body="No.",
            body_html="<p>No.</p>",
        )
        for comment in made
        for author in islice(authors, each)
    )
    return made


def attach(things: Iterable[Model], number: int) -> None:
    """So many files, at most ten, on each of these; all of somebody's who does nothing else."""
    (sender,) = people(1)
    wanted = [(thing, position) for thing in things for position in range(min(number, MOST_ATTACHED))]
    made = Media.objects.bulk_create(files.unsaved(sender, Purpose.ATTACHMENT) for _ in wanted)
    _place([files.unsaved_place(each, *where) for each, where in zip(made, wanted, strict=True)])


def galleries(projects: Iterable[Project], number: int) -> None:
    """So many pictures, at most ten, of each project."""
    wanted = [(project, position) for project in projects for position in range(min(number, MOST_ATTACHED))]
    made = Media.objects.bulk_create(
        files.unsaved(project.owner, Purpose.PROJECT_IMAGE, project=project) for project, _ in wanted
    )
    places = zip(made, wanted, strict=True)
    _place([files.unsaved_place(each, *where, PlacementKind.GALLERY) for each, where in places])


def _place(places: Sequence[Any]) -> None:
    if places:
        type(places[0])._default_manager.bulk_create(places)


def _files(viewer: User, number: int) -> None:
    for _ in range(number):
        files.picture(viewer)
        files.upload(viewer)


def notifications(viewer: User, number: int, *, each: int = 1) -> None:
    """So many that somebody has not read, each about so many people."""
    made = Notification.objects.bulk_create(
        Notification(
            user=viewer,
            kind=NotificationKind.NEW_FOLLOWER,
            subject_project=project,
            occurred_at=timezone.now(),
            seq=seq,
            actor_count=each,
        )
        for seq, project in enumerate(projects(people(number), each=0), start=1)
    )
    NotificationActor.objects.bulk_create(
        NotificationActor(notification=notification, user=actor, seq=seq)
        for notification in made
        for seq, actor in enumerate(people(each), start=1)
    )


def _access_tokens(viewer: User, number: int) -> None:
    later = timezone.now() + timedelta(days=1)
    AccessToken.objects.bulk_create(
        AccessToken(
            user=viewer, token_hash=f"key-{next(_numbers)}", name="Key", scopes=["read"], expires_at=later
        )
        for _ in range(number)
    )


def _exports(viewer: User, number: int) -> None:
    now = timezone.now()
    DataExport.objects.bulk_create(
        DataExport(user=viewer, state=ExportState.READY, finished_at=now, expires_at=now + timedelta(days=1))
        for _ in range(number)
    )


def _applications(viewer: User, number: int) -> None:
    grant = Application.GRANT_AUTHORIZATION_CODE
    made = Application.objects.bulk_create(
        Application(name="Riego", client_type="public", client_secret="", authorization_grant_type=grant)
        for _ in range(number)
    )
    AuthorizedApplication.objects.bulk_create(
        AuthorizedApplication(user=viewer, application=each, scopes=["read"]) for each in made
    )


def _sessions(viewer: User, number: int) -> None:
    # The test's own is one of them; the others open nothing.
    later = timezone.now() + timedelta(days=1)
    Session.objects.bulk_create(
        Session(user=viewer, token_hash=f"closed-{next(_numbers)}", expires_at=later)
        for _ in range(number - 1)
    )
