"""The people of every test. Ana owns, Bo is on the team, Cy is a stranger, Sol is staff; nobody is the anonymous public."""

from dataclasses import dataclass

from django.utils import timezone

from backend.accounts.models import User
from backend.boards.models import Board, Task
from backend.projects.models import Category, Membership, Project, ProjectStatus, Role

PASSWORD = "riega-la-huerta"


@dataclass(frozen=True)
class Cast:
    """Four people, and what Ana has made: a live project with a board of one open task."""

    ana: User
    bo: User
    cy: User
    sol: User
    project: Project
    board: Board
    task: Task


def person(handle: str, **facts: object) -> User:
    """Somebody new whose address is verified; no password, so that tests spend no time on hashing."""
    known = {"email": f"{handle}@example.org", "email_verified_at": timezone.now(), "password": "!"}
    return User.objects.create(handle=handle, display_name=handle.title(), **{**known, **facts})


def project(
    owner: User, title: str = "Huerta del río", *, status: str = ProjectStatus.LIVE, **facts: object
) -> Project:
    """A project of somebody's, in any status, as its actions would leave it."""
    public = status not in (
        ProjectStatus.DRAFT,
        ProjectStatus.IN_REVIEW,
        ProjectStatus.APPROVED,
        ProjectStatus.REJECTED,
    )
    made = Project.objects.create(
        owner=owner,
        title=title,
        slug=facts.pop("slug", title.lower().replace(" ", "-").replace("í", "i")),
        category=facts.pop("category", Category.ECOLOGICAL),
        status=status,
        launched_at=timezone.now() if public else None,
        **facts,
    )
    Membership.objects.create(project=made, user=owner, role=Role.OWNER)
    return made


def task(board: Board, title: str = "Paint the gate", **facts: object) -> Task:
    """An open task at the end of a board."""
    number = board.tasks.count() + 1
    Board.objects.filter(pk=board.pk).update(last_task_number=number)
    return Task.objects.create(board=board, number=number, title=title, position=float(number), **facts)


def make_cast() -> Cast:
    """The cast, in the database."""
    ana, bo, cy = person("ana"), person("bo"), person("cy")
    sol = person("sol", is_staff=True)
    huerta = project(ana)
    Membership.objects.create(project=huerta, user=bo, role=Role.COORDINATOR)
    board = Board.objects.create(project=huerta, title="Spring")
    return Cast(ana, bo, cy, sol, huerta, board, task(board))
