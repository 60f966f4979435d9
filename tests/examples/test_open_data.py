"""The example runs as its reader runs it: a program of its own, against a server of its own."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from backend.accounts.models import User
from backend.boards.models import Board, Task
from backend.projects.models import Project
from config.local.places import CHECKOUT
from examples.open_data import picture, work_by_category
from tests.serving import LIVE, House

SVG = "{http://www.w3.org/2000/svg}"


def test_it_reads_every_page_and_draws_what_it_read(standing_house: House, tmp_path: Path, django_db_blocker):
    with django_db_blocker.unblock():
        before = set(Project.objects.using(LIVE).values_list("pk", flat=True))
        owner = person_in(LIVE)
        made = Project.objects.using(LIVE).bulk_create(
            Project(
                owner=owner,
                title=f"Canal {number}",
                slug=f"example-{number}",
                category="CULTURAL",
                status="LIVE",
                launched_at="2026-01-01T00:00:00Z",
            )
            for number in range(130)
        )
        board = Board.objects.using(LIVE).create(project=made[0], title="B")
        for number, accepted in enumerate((0, 0, 1), start=1):
            Task.objects.using(LIVE).create(
                board=board, number=number, title="T", position=number, accepted_count=accepted
            )
    try:
        file = tmp_path / "work.svg"
        command = [sys.executable, "examples/open_data.py", standing_house.servers[0].http, str(file)]
        said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
        drawn = ElementTree.fromstring(file.read_text())  # noqa: S314  # It is ours.
        texts = [each.text for each in drawn.iter(f"{SVG}text")]
        assert "Cultural" in texts and texts[texts.index("Cultural") + 1] == "1 of 3"
        assert said.startswith(f"{file}: ")
    finally:
        with django_db_blocker.unblock():
            Project.objects.using(LIVE).exclude(pk__in=before).delete()
            owner.delete()


def person_in(database: str) -> User:
    """Somebody who owns what is drawn."""
    return User.objects.using(database).create(
        handle="example", display_name="E", email="e@example.org", password="!"
    )


def test_what_it_draws_is_an_svg_whatever_a_domain_is_called():
    work = work_by_category(iter([{"category": "<&>", "tasksOpen": 2, "tasksDone": 1}]))
    assert work == {"<&>": (2, 1)}
    drawn = ElementTree.fromstring(picture(work))  # noqa: S314
    assert [each.get("width") for each in drawn.iter(f"{SVG}rect")] == ["153.3", "306.7"]
    assert ElementTree.fromstring(picture({})) is not None  # noqa: S314
