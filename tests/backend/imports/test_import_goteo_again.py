import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from backend.accounts.models import User
from backend.boards.claims import claim_task
from backend.boards.models import Board, Task
from backend.communities.models import Community
from backend.imports.goteo import import_projects
from backend.imports.goteo_answers import chosen, read_answers
from backend.projects.models import Category, Project, ProjectStatus
from tests.backend.imports.goteo import (
    DATA,
    LLEVAMEALHUERTO,
    entry,
    file,
    imported,
    listed,
    project,
    tables,
)

pytestmark = pytest.mark.django_db


def test_importing_twice_changes_nothing_at_all():
    imported(DATA)
    before = tables()

    assert imported(DATA).splitlines()[-1] == "5 projects: 0 new, 0 changed, 5 the same."
    assert tables() == before
    assert sum(map(len, before.values())) > 20


def test_a_second_import_leaves_what_people_here_did_since(cast):
    imported(DATA / "project.json")
    claim_task(task_id=Task.objects.get(imported_from="goteo:1129").pk, by=cast.cy)
    Project.objects.filter(slug="llevamealhuerto").update(title="Llévame al huerto", follower_count=3)
    before = tables()

    imported(DATA / "project.json")

    assert tables() == before


@pytest.mark.parametrize("number", [1e23, 1.7e308, 5210.00, 10**40, -0.0, 1e-7, 0.1])
def test_numbers_are_the_same_the_second_time(tmp_path: Path, number: float):
    path = file(tmp_path, project(amount=number))
    imported(path)

    assert imported(path).splitlines()[-1] == "1 project: 0 new, 0 changed, 1 the same."


def test_a_full_document_fills_in_what_a_list_began(tmp_path: Path):
    short = {key: LLEVAMEALHUERTO[key] for key in entry() if key in LLEVAMEALHUERTO}
    imported(file(tmp_path, listed({**short, "status": "in_campaign", "node": "goteo", "region": "Bizkaia"})))
    begun = Project.objects.get()

    out = imported(DATA / "project.json")

    assert out.splitlines()[-1] == "1 project: 0 new, 1 changed, 0 the same."
    huerto = Project.objects.get()
    assert (huerto.pk, huerto.slug, huerto.status) == (begun.pk, begun.slug, ProjectStatus.FUNDED)
    assert (begun.category, huerto.category) == (Category.SOCIAL, Category.EDUCATIONAL)
    assert huerto.source == LLEVAMEALHUERTO
    assert Task.objects.count() == 3
    assert User.objects.get().created_at == datetime(2012, 7, 11, 10, 58, 29, tzinfo=UTC)
    assert dict(Community.objects.values_list("slug", "project_count")) == {"goteo": 0, "euskadi": 1}
    assert User.objects.get().project_count == 1


def test_a_list_never_takes_back_what_a_full_document_said(tmp_path: Path):
    imported(DATA / "project.json")
    before = tables()
    short = {key: LLEVAMEALHUERTO[key] for key in entry() if key in LLEVAMEALHUERTO}

    out = imported(file(tmp_path, listed({**short, "status": "fulfilled"})))

    assert out.splitlines()[-1] == "1 project: 0 new, 0 changed, 1 the same."
    assert tables() == before


def test_of_a_list_and_a_full_document_together_the_full_one_is_taken(tmp_path: Path):
    short = {key: LLEVAMEALHUERTO[key] for key in entry() if key in LLEVAMEALHUERTO}
    file(tmp_path, listed(short), "z-list.json")
    file(tmp_path, LLEVAMEALHUERTO, "a-project.json")
    file(tmp_path, project(time_elapsed=9.9), "b-project-again.json")

    assert imported(tmp_path).splitlines()[-1] == "1 project: 1 new, 0 changed, 0 the same."
    assert Project.objects.get().source == LLEVAMEALHUERTO


def test_a_newer_document_changes_what_it_says_anew(tmp_path: Path, recorded):
    imported(DATA / "project.json")
    recorded()
    needs = [
        {**LLEVAMEALHUERTO["needs"][0], "name": "Subtítulos en euskera"},
        {"id": 9001, "name": "Semillas", "type": "lend"},
    ]

    imported(file(tmp_path, project(status="rejected", owner="iñaki", user=..., needs=needs)))

    huerto, board = Project.objects.get(), Board.objects.get()
    assert (huerto.status, huerto.launched_at, huerto.owner.handle) == ("REJECTED", None, "inaki")
    assert list(huerto.team.values_list("user__handle", "role")) == [("inaki", "OWNER")]
    assert dict(User.objects.values_list("handle", "project_count")) == {"julieta": 0, "inaki": 0}
    assert Community.objects.get().project_count == 0
    assert list(Task.objects.values_list("number", "title", "version", "labels")) == [
        (1, "Subtítulos en euskera", 2, ["task"]),
        (2, "Nociones avanzadas en manejo de redes y marketing on line", 1, ["task"]),
        (3, "Diseño de la web", 1, ["task"]),
        (4, "Semillas", 1, ["lend"]),
    ]
    kinds = [(kind, stream, seq) for kind, stream, seq, _ in recorded()]
    assert kinds == [("TaskEdited", f"board:{board.pk}", 4), ("TaskCreated", f"board:{board.pk}", 5)]


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_are_one_after_the_other():
    documents = chosen(read_answers(DATA))
    start, outcomes = threading.Barrier(3), []

    def run() -> None:
        try:
            start.wait(timeout=10)
            outcome = import_projects(documents)
            outcomes.append((outcome.new, outcome.same))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(outcomes) == [(0, 5), (0, 5), (5, 0)]
    assert Project.objects.count() == 5
