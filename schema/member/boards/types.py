from datetime import datetime

import strawberry
from django.db.models import Q

from backend.accounts.models import User
from backend.boards import models
from backend.boards.events import board_head, board_stream
from backend.projects.models import Project
from media.models import Placement
from schema.declarations import (
    Node,
    column,
    connection,
    expression,
    itself,
    known_elsewhere,
    many,
    mine,
    node,
    one,
    stream_cursor,
)
from schema.member import refs
from schema.member.comments.types import Commentable, comments
from schema.member.enums import ClaimState, TaskPermission, TaskState
from schema.member.media.shown import Attachment, attachments
from schema.paging import Connection
from schema.policies import PUBLIC, shown_to
from schema.presence import people_at


@node(models.Board, policy=PUBLIC, description="A project's work, cut into tasks that anybody may claim.")
class Board(Node):
    title: str = column("What it is about.")
    claim_hours: int = column("How long a claim is held before its place is free again.")
    created_at: datetime = column("When it was made.")
    project: refs.Project | None = one(Project, key="project_id", description="Whose work it is.")
    tasks: refs.TaskConnection = connection(
        models.Task, by="board_id", order=("position", "id"), description="Its tasks, from the top."
    )
    present: list[refs.User] = known_elsewhere(
        User, keys=people_at(models.Board), order=("handle",), description="Who is looking at it now."
    )
    # Read by the statement that reads the tasks: what it shows is exactly what had happened by this number.
    cursor: str = stream_cursor(
        "Where this answer stands: `boardEvents(after:)` tells all that came later.",
        stream=board_stream(""),
        key="pk",
        seq=board_head,
    )


@shown_to(PUBLIC)
@strawberry.type(description="What somebody handed in.")
class Submission:
    note: str = column("What they say about it, in Markdown.")
    links: list[str] = column("Where it is.")
    minutes_spent: int | None = column("How long it took them.")
    submitted_at: datetime = column("When they handed it in.")


@node(models.Claim, policy=PUBLIC, description="Somebody's promise to do a task.")
class Claim(Node):
    state: ClaimState = column("Where it stands.")
    claimed_at: datetime = column("When it was made.")
    expires_at: datetime = column("When its place is free again, unless work is handed in before.")
    claimant: refs.User | None = one(User, key="claimant_id", description="Who.")
    task: refs.Task | None = one(models.Task, key="task_id", description="What they promised to do.")
    submission: Submission | None = itself(
        "What they handed in; null before.", when=Q(submitted_at__isnull=False)
    )
    # Not of the submission, which is a level deeper than a board page may ask.
    attachments: list[Attachment] = attachments(
        Placement, by="claim_id", description="The files that were handed in; 10 at most."
    )
    review_note: str = column("What the team said about it last.")


def _held(claims: models.ClaimQuerySet) -> models.ClaimQuerySet:
    return claims.held()


@node(
    models.Task, policy=PUBLIC, description="A piece of work for one person, or for as many as it has places."
)
class Task(Commentable):
    number: int = column("Counts from 1 on its board.")
    title: str = column("What is to be done.")
    body: str = column("How, in Markdown.")
    body_html: str = column("The same as safe HTML.")
    skills: list[str] = column("What one should know for it.")
    labels: list[str] = column("Words that sort it on its board.")
    estimate_minutes: int | None = column("How long it may take one person.")
    slots: int = column("How many people it takes.")
    open_slots: int = column("How many places are free.")
    state: TaskState = column("Where it stands.")
    position: float = column("Its place on its board, from the top.")
    version: int = column("Moves with every change; send it back with an edit.")
    due_at: datetime | None = column("By when it should be done.")
    created_at: datetime = column("When it was made.")
    board: refs.Board | None = one(models.Board, key="board_id", description="The board that it is on.")
    project: refs.Project | None = one(
        Project, key="board__project_id", description="The project whose work it is."
    )
    claims: list[Claim] = many(
        models.Claim,
        by="task_id",
        order=("claimed_at", "id"),
        narrow=_held,
        usual=3,
        description="Who holds a place on it, in the order in which they came.",
    )
    viewer_claim: Claim | None = mine(
        models.Claim,
        by="task_id",
        owner="claimant",
        narrow=_held,
        description="The viewer's own claim of it; null without one.",
    )
    claimants: list[refs.User] = many(
        models.Claim,
        by="task_id",
        order=("claimed_at", "id"),
        node="claimant",
        narrow=_held,
        usual=3,
        description="The people who hold a place on it.",
    )
    viewer_can: list[TaskPermission] = expression(
        models.task_permissions, description="What the viewer may do with it now."
    )
    attachments: list[Attachment] = attachments(
        Placement, by="task_id", description="The files that belong to it; 10 at most."
    )
    comments: refs.CommentConnection = comments(by="task_id")


@strawberry.type(description="A page of tasks.")
class TaskConnection(Connection[Task]):
    pass
