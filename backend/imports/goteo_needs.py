"""What a project on Goteo asks for besides money, as open tasks on a board."""

from django.db.models import F, Max

from backend.boards.events import TaskCreated, TaskEdited
from backend.boards.models import Board, Task
from backend.core.events import Event
from backend.imports.goteo_answers import Refused
from backend.imports.goteo_documents import Document, Need
from backend.imports.goteo_texts import fitted, origin, rendered
from backend.projects.models import Project

#: What the board of a project's needs is called; Goteo's own word for them on its pages.
BOARD_TITLES = {
    "ca": "Col·laboracions",
    "de": "Mitarbeit",
    "el": "Συνεργασίες",
    "es": "Colaboraciones",
    "eu": "Lankidetzak",
    "fr": "Collaborations",
    "gl": "Colaboracións",
    "it": "Collaborazioni",
    "nl": "Samenwerkingen",
    "pt": "Colaborações",
}


def import_needs(project: Project, document: Document) -> list[Event]:
    """Make each need of a document an open task of its project, once; what was done comes back, to be recorded last.

    A need that is gone from the document stays a task: somebody may be at work on it. Raises `Refused`.
    """
    needs = document.facts.needs or []
    origins = [origin(need.id) for need in needs]
    known = {task.imported_from: task for task in Task.objects.filter(imported_from__in=origins)}
    ours = set(Board.objects.filter(project=project).values_list("pk", flat=True))
    if any(task.board_id not in ours for task in known.values()):
        raise Refused([f"{document.where}: one of its needs is a task of another project here already"])
    events: list[Event] = []
    for need in needs:
        task = known.get(origin(need.id))
        if task is None:
            events.append(_create(_board(project), need))
        elif (task.title, task.body) != (_title(need), need.description or ""):
            events.append(_edit(task, need))
    return events


def _board(project: Project) -> Board:
    found = Board.objects.filter(project=project, tasks__imported_from__startswith=origin("")).first()
    return found or Board.objects.create(
        project=project,
        title=BOARD_TITLES.get(project.locale, "Collaborations"),
        created_at=project.created_at,
    )


def _create(board: Board, need: Need) -> Event:
    Board.objects.filter(pk=board.pk).update(last_task_number=F("last_task_number") + 1)
    board.refresh_from_db(fields=["last_task_number"])
    last = Task.objects.filter(board=board).aggregate(last=Max("position", default=0.0))["last"]
    body = need.description or ""
    task = Task.objects.create(
        board=board,
        number=board.last_task_number,
        position=last + 1.0,
        title=_title(need),
        body=body,
        body_html=rendered(body),
        labels=[fitted(need.type.strip().lower(), 40)] if need.type and need.type.strip() else [],
        imported_from=origin(need.id),
        created_at=board.created_at,
    )
    return TaskCreated(board_id=board.pk, task_id=task.pk)


def _edit(task: Task, need: Need) -> Event:
    body = need.description or ""
    Task.objects.filter(pk=task.pk).update(
        title=_title(need), body=body, body_html=rendered(body), version=F("version") + 1
    )
    return TaskEdited(board_id=task.board_id, task_id=task.pk)


def _title(need: Need) -> str:
    return fitted(need.title, 160)
