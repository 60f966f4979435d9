"""The verbs of boards and tasks; those of claims are in `claims.py`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from backend.accounts.models import User
from backend.boards.events import TaskClosed, TaskCreated, TaskEdited, TaskMoved
from backend.boards.models import MOST_SLOTS, Board, Task
from backend.core.events import record
from backend.core.files import attach
from backend.core.refusals import Invalid, NotFound, Refusal
from backend.core.text import clean_line, clean_text, clean_words, render
from backend.projects.models import COORDINATORS, Project

MOST_ESTIMATED_MINUTES = 60 * 24 * 7
FURTHEST_DUE = timedelta(days=5 * 365)


class Stale(Refusal):
    """The task changed since the client read it: `message` names the version that it has now."""

    code = "STALE"
    message = "This task has changed since you read it."


class TooFewSlots(Refusal):
    code = "TOO_FEW_SLOTS"
    message = "More people hold this task than that."


@transaction.atomic(durable=True)
def create_board(*, project_id: int, by: User, title: str, claim_hours: int = 72) -> Board:
    """Give a project another board. Raises `NotFound`, `Invalid`."""
    project = Project.objects.visible_to(by).with_team_member(by, COORDINATORS).filter(pk=project_id).first()
    if project is None:
        raise NotFound
    if not 1 <= claim_hours <= 24 * 90:
        raise Invalid("claimHours", "1 hour to 90 days.")
    title = clean_line(title, field="title", longest=120, shortest=1)
    return Board.objects.create(project=project, title=title, claim_hours=claim_hours)


@transaction.atomic(durable=True)
def create_task(
    *,
    board_id: int,
    by: User,
    title: str,
    body: str = "",
    skills: list[str] | None = None,
    labels: list[str] | None = None,
    estimate_minutes: int | None = None,
    slots: int = 1,
    due_at: datetime | None = None,
    attachment_ids: Sequence[int] = (),
) -> Task:
    """Put an open task at the end of a board. Raises `NotFound`, `Invalid`, and what `media.placements.attach` does."""
    board = Board.objects.visible_to(by).run_by(by).filter(pk=board_id).first()
    if board is None:
        raise NotFound
    facts = _cleaned(
        title=title,
        body=body,
        skills=skills or [],
        labels=labels or [],
        estimate_minutes=estimate_minutes,
        slots=slots,
        due_at=due_at,
    )
    # The number first: it locks the board, so that two tasks made at once do not get the same place.
    number = _next_number(board)
    last = Task.objects.filter(board=board).aggregate(last=Max("position", default=0.0))["last"]
    task = Task.objects.create(board=board, number=number, position=last + 1.0, **facts)
    if attachment_ids:
        attach(task, attachment_ids, by=by)
    record(TaskCreated(board_id=board.pk, task_id=task.pk), by=by)
    return task


@transaction.atomic(durable=True)
def edit_task(
    *,
    task_id: int,
    by: User,
    expected_version: int,
    attachment_ids: Sequence[int] | None = None,
    **changes: Any,
) -> Task:
    """Change what is given of a task that still has the version its editor read; the rest as `create_task`.

    Raises `NotFound`, `Stale`, `TooFewSlots`, `Invalid`, and what `media.placements.attach` does.
    """
    task = _run_by(task_id, by)
    facts = _cleaned(**changes)
    fitting = Task.objects.filter(pk=task.pk, version=expected_version)
    if "slots" in facts:
        fitting = fitting.filter(
            claimed_count__lte=facts["slots"] - F("submitted_count") - F("accepted_count")
        )
    if not fitting.update(**facts, version=F("version") + 1):
        version = Task.objects.values_list("version", flat=True).get(pk=task.pk)
        if version == expected_version:
            raise TooFewSlots(field="slots")
        raise Stale(f"This task has changed since you read it: it is at version {version} now.")
    if attachment_ids is not None:
        attach(task, attachment_ids, by=by)
    record(TaskEdited(board_id=task.board_id, task_id=task.pk), by=by)
    return Task.objects.get(pk=task.pk)


@transaction.atomic(durable=True)
def move_task(*, task_id: int, by: User, after_task_id: int | None) -> Task:
    """Put a task behind another of its board, or with none to the top. Raises `NotFound`, `Invalid`."""
    task = _run_by(task_id, by)
    # Two people who move at once would compute the same middle: the board's row lets one at a time.
    Board.objects.select_for_update(no_key=True).get(pk=task.board_id)
    others = list(
        Task.objects.filter(board=task.board_id)
        .exclude(pk=task.pk)
        .order_by("position", "id")
        .values_list("pk")
    )
    order = [pk for (pk,) in others]
    if after_task_id is not None and after_task_id not in order:
        raise Invalid("afterTaskId", "Not a task of this board.")
    order.insert(0 if after_task_id is None else order.index(after_task_id) + 1, task.pk)
    place = order.index(task.pk)
    positions = dict(Task.objects.filter(pk__in=order).values_list("pk", "position"))
    before = positions[order[place - 1]] if place else None
    behind = positions[order[place + 1]] if place + 1 < len(order) else None
    position = _between(before, behind)
    if position is None:
        # No number fits between the two any more: count the whole board anew, once in some fifty moves of a pair.
        Task.objects.bulk_update(
            [Task(pk=pk, position=float(index)) for index, pk in enumerate(order, start=1)], ["position"]
        )
        position = float(place + 1)
    Task.objects.filter(pk=task.pk).update(position=position, version=F("version") + 1)
    record(TaskMoved(board_id=task.board_id, task_id=task.pk), by=by)
    return Task.objects.get(pk=task.pk)


@transaction.atomic(durable=True)
def close_task(*, task_id: int, by: User) -> Task:
    """Take no more claims on a task; closing it twice is the same as once. Raises `NotFound`."""
    task = _run_by(task_id, by)
    if Task.objects.filter(pk=task.pk, closed_at=None).update(
        closed_at=timezone.now(), version=F("version") + 1
    ):
        record(TaskClosed(board_id=task.board_id, task_id=task.pk), by=by)
    return Task.objects.get(pk=task.pk)


def _run_by(task_id: int, by: User) -> Task:
    task = Task.objects.visible_to(by).run_by(by).filter(pk=task_id).first()
    if task is None:
        raise NotFound
    return task


def _next_number(board: Board) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE boards_board SET last_task_number = last_task_number + 1 WHERE id = %s"
            " RETURNING last_task_number",
            [board.pk],
        )
        return int(cursor.fetchone()[0])


def _between(before: float | None, behind: float | None) -> float | None:
    """A position between two neighbours; None when floating point has none left."""
    if before is None:
        return 1.0 if behind is None else behind - 1.0
    if behind is None:
        return before + 1.0
    middle = (before + behind) / 2
    return middle if before < middle < behind else None


def _cleaned(**given: Any) -> dict[str, Any]:
    """The columns of the arguments that were given, each made fit to store."""
    facts: dict[str, Any] = {}
    if given.get("title") is not None:
        facts["title"] = clean_line(given["title"], field="title", longest=160, shortest=3)
    if given.get("body") is not None:
        facts["body"] = clean_text(given["body"], field="body")
        facts["body_html"] = render(facts["body"])
    if given.get("skills") is not None:
        facts["skills"] = clean_words(given["skills"], field="skills")
    if given.get("labels") is not None:
        facts["labels"] = clean_words(given["labels"], field="labels")
    if given.get("estimate_minutes") is not None:
        if not 1 <= given["estimate_minutes"] <= MOST_ESTIMATED_MINUTES:
            raise Invalid("estimateMinutes", f"1 to {MOST_ESTIMATED_MINUTES} minutes.")
        facts["estimate_minutes"] = given["estimate_minutes"]
    if given.get("slots") is not None:
        if not 1 <= given["slots"] <= MOST_SLOTS:
            raise Invalid("slots", f"1 to {MOST_SLOTS}.")
        facts["slots"] = given["slots"]
    if given.get("due_at") is not None:
        if timezone.is_naive(given["due_at"]):
            raise Invalid("dueAt", "With its offset from UTC, as in 2027-03-01T18:00:00Z.")
        if not -FURTHEST_DUE < given["due_at"] - timezone.now() < FURTHEST_DUE:
            raise Invalid("dueAt", "Within five years of today.")
        facts["due_at"] = given["due_at"]
    return facts
