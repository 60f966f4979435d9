from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.accounts.actions import WrongCredentials, log_in
from backend.accounts.models import User
from backend.boards.models import Board, Task, TaskState
from backend.communities.models import Community, CommunityKind
from backend.core.models import Pending, RecordedEvent
from backend.projects.models import Category, Membership, Project, ProjectStatus, Role
from tests import cast as people
from tests.backend.imports.goteo import (
    DATA,
    LIST,
    LLEVAMEALHUERTO,
    entry,
    file,
    imported,
    listed,
    project,
    tables,
)

pytestmark = pytest.mark.django_db


def test_the_real_project_comes_with_every_value_to_the_letter():
    imported(DATA / "project.json")

    huerto = Project.objects.get(slug="llevamealhuerto")
    assert (huerto.title, huerto.imported_from) == ("llevamealhuerto.com", "goteo:llevamealhuerto")
    assert huerto.summary == "Programa audiovisual on-line para aprender a cultivar en el balcón y/o huerto"
    assert huerto.description == LLEVAMEALHUERTO["description"]
    assert "pasándonoslo bien!\r\n\r\nCada vídeo" in huerto.description
    assert huerto.description_html.startswith("<p>Un programa audiovisual on-line para aprender a cultivar")
    assert huerto.description_html.count("<p>") == 3
    # Of its four categories (6, 10, 11, 13) the first that is one of ours by name.
    assert huerto.category == Category.EDUCATIONAL
    assert huerto.tags == ["comunicativo", "educativo", "cultural", "ecológico"]
    assert (huerto.locale, huerto.location, huerto.status) == ("es", "", ProjectStatus.FUNDED)
    assert huerto.created_at == datetime(2012, 7, 10, 22, tzinfo=UTC)
    assert huerto.launched_at == datetime(2012, 9, 19, 22, tzinfo=UTC)
    assert huerto.source == LLEVAMEALHUERTO


def test_its_owner_is_an_account_that_nobody_can_log_into():
    imported(DATA / "project.json")

    julieta = User.objects.get()
    assert (julieta.handle, julieta.email, julieta.display_name, julieta.imported_from) == (
        "julieta",
        "julieta@goteo.invalid",
        "Llevamealhuerto.com",
        "goteo:julieta",
    )
    assert julieta.created_at == datetime(2012, 7, 11, 10, 58, 29, tzinfo=UTC)
    assert (julieta.project_count, julieta.is_staff, julieta.has_usable_password()) == (1, False, False)
    assert list(Membership.objects.values_list("user", "role")) == [(julieta.pk, Role.OWNER)]
    for password in ("", julieta.password, "goteo"):
        with pytest.raises(WrongCredentials):
            log_in(email=julieta.email, password=password)


def test_its_needs_are_open_tasks_on_one_board():
    imported(DATA / "project.json")

    board = Board.objects.get()
    assert (board.title, board.last_task_number) == ("Colaboraciones", 3)
    assert list(Task.objects.values_list("number", "position", "title", "imported_from", "state")) == [
        (1, 1.0, "Subtítulos", "goteo:1129", TaskState.OPEN),
        (
            2,
            2.0,
            "Nociones avanzadas en manejo de redes y marketing on line",
            "goteo:1130",
            TaskState.OPEN,
        ),
        (3, 3.0, "Diseño de la web", "goteo:1132", TaskState.OPEN),
    ]
    assert [task.body for task in Task.objects.all()] == [
        need["description"] for need in LLEVAMEALHUERTO["needs"]
    ]
    assert {(*task.labels, task.body_html[:3]) for task in Task.objects.all()} == {("task", "<p>")}
    assert list(RecordedEvent.objects.values_list("kind", "stream_id", "seq", "actor")) == [
        ("TaskCreated", f"board:{board.pk}", seq, None) for seq in (1, 2, 3)
    ]


def test_its_community_counts_it():
    imported(DATA / "project.json")

    euskadi = Community.objects.get()
    assert (euskadi.slug, euskadi.name, euskadi.kind, euskadi.project_count) == (
        "euskadi",
        "Euskadi",
        CommunityKind.LOCAL,
        1,
    )


def test_a_list_brings_what_its_entries_know():
    out = imported(DATA / "projects.json")

    assert out.splitlines() == ["projects.json: 4 projects", "4 projects: 4 new, 0 changed, 0 the same."]
    assert list(
        Project.objects.order_by("pk").values_list("slug", "status", "location", "category", "owner__handle")
    ) == [
        ("nodo-movil", "FULFILLED", "", "SOCIAL", "efoglia"),
        ("cuentojuegos-robocicla", "UNFUNDED", "Andalusia", "SOCIAL", "robocicla"),
        ("tuderechoasaber-es", "FULFILLED", "", "SOCIAL", "davidcabo"),
        ("passion", "UNFUNDED", "Castilla-La Mancha", "SOCIAL", "ki"),
    ]
    assert [each.source for each in Project.objects.order_by("pk")] == LIST["items"]
    assert list(Community.objects.order_by("slug").values_list("slug", "kind", "project_count")) == [
        ("barcelona", CommunityKind.LOCAL, 1),
        ("goteo", CommunityKind.THEMATIC, 3),
    ]
    assert not Board.objects.exists()


@pytest.mark.parametrize(
    ("goteo", "ours"),
    [
        ("editing", ProjectStatus.DRAFT),
        ("reviewing", ProjectStatus.IN_REVIEW),
        ("rejected", ProjectStatus.REJECTED),
        ("in_campaign", ProjectStatus.LIVE),
        ("funded", ProjectStatus.FUNDED),
        ("unfunded", ProjectStatus.UNFUNDED),
        ("fulfilled", ProjectStatus.FULFILLED),
    ],
)
def test_each_status_of_goteo_has_one_here(tmp_path: Path, goteo: str, ours: ProjectStatus):
    imported(file(tmp_path, entry(status=goteo)))

    nodo = Project.objects.get()
    public = goteo not in ("editing", "reviewing", "rejected")
    assert (nodo.status, nodo.launched_at is not None) == (ours, public)
    assert (nodo.owner.project_count, nodo.community.project_count) == (int(public), int(public))


@pytest.mark.parametrize(
    ("ids", "category"),
    [
        ([2], "SOCIAL"),
        ([7], "TECHNOLOGICAL"),
        ([10], "EDUCATIONAL"),
        ([11], "CULTURAL"),
        ([13], "ECOLOGICAL"),
        ([14], "SCIENTIFIC"),
        ([6], "CULTURAL"),
        ([9], "SOCIAL"),
        ([16], "TECHNOLOGICAL"),
        ([6, 13], "ECOLOGICAL"),
        ([16, 9], "TECHNOLOGICAL"),
        ([99, 14], "SCIENTIFIC"),
        ([99], "SOCIAL"),
        ([], "SOCIAL"),
    ],
)
def test_categories_are_told_by_goteos_numbers(tmp_path: Path, ids: list[int], category: str):
    # Their names come in the language that was asked for, and may be missing.
    imported(file(tmp_path, project(categories=[{"id": id, "name": None} for id in ids])))

    assert (Project.objects.get().category, Project.objects.get().tags) == (category, [])


def test_texts_longer_than_their_columns_are_whole_in_the_source(tmp_path: Path):
    needs = [{"id": 1, "name": "n" * 161, "type": "task"}, {"id": 2, "description": "  d" * 100}]
    long = project(
        name="t" * 121,
        description_short="s" * 281,
        description="[" * 100_000,
        needs=needs,
        location=[{"city": "c" * 200, "region": "r", "country": "r", "country-code": "ES"}],
        categories=[{"id": 2, "name": "k" * 41}],
        user={"name": "u" * 61},
    )
    imported(file(tmp_path, long))

    made = Project.objects.get()
    assert (made.title, made.summary) == ("t" * 119 + "…", "s" * 279 + "…")
    assert (made.location, made.tags) == ("c" * 99 + "…", ["k" * 39 + "…"])
    assert (made.description, made.description_html) == ("[" * 100_000, f"<p>{'[' * 100_000}</p>")
    assert made.owner.display_name == "u" * 59 + "…"
    assert [task.title for task in Task.objects.all()] == ["n" * 159 + "…", ("  d" * 100)[:159] + "…"]
    assert [task.body for task in Task.objects.all()] == ["", "  d" * 100]
    assert made.source == long


def test_what_would_run_in_a_page_is_kept_in_the_text_and_not_in_its_html(tmp_path: Path):
    hostile = "<script>alert(1)</script> &nbsp;\r\n\r\n[a](javascript:alert(1)) \u202e **b** "
    imported(file(tmp_path, project(description=hostile)))

    made = Project.objects.get()
    assert made.description == hostile
    assert "<script" not in made.description_html and "href" not in made.description_html


def test_handles_and_slugs_that_are_taken_get_an_ending(tmp_path: Path, cast):
    people.project(cast.ana, "Nodo móvil", slug="nodo-movil")
    people.person("squatter")
    User.objects.filter(handle="squatter").update(email="free@goteo.invalid")
    owners = ["ana", "Ana", "goteo", "k", "日本", "a" * 50, "free", "Año.Nuevo"]
    entries = [entry(id=f"nodo.movil{'!' * number}", owner=owner) for number, owner in enumerate(owners)]

    imported(file(tmp_path, listed(*entries)))

    made = Project.objects.exclude(imported_from="").order_by("pk")
    assert [(each.slug, each.owner.handle) for each in made] == [
        ("nodo-movil-goteo", "ana-goteo"),
        ("nodo-movil-goteo-2", "ana-goteo-2"),
        ("nodo-movil-goteo-3", "goteo-goteo"),
        ("nodo-movil-goteo-4", "k-goteo"),
        ("nodo-movil-goteo-5", "member"),
        ("nodo-movil-goteo-6", "a" * 30),
        ("nodo-movil-goteo-7", "free-goteo"),
        ("nodo-movil-goteo-8", "ano-nuevo"),
    ]


def test_kinds_that_have_no_place_yet_are_named_and_passed_over(tmp_path: Path):
    file(tmp_path, {"items": [{"call-url": "https://goteo.org/call/x", "id": "x"}], "meta": {}}, "calls.json")
    file(tmp_path, {"items": [], "meta": {"total": 0}, "time-elapsed": 0.1}, "nobody.json")
    file(tmp_path, {"meta": {"lang": ["en"]}, "time-elapsed": 1.0, "failed": 315}, "report.json")
    (tmp_path / "notes.txt").write_text("not an answer")
    before = tables()

    assert imported(tmp_path).splitlines() == [
        "calls.json: calls: there is no place for it here yet, so nothing to import",
        "nobody.json: an empty list: there is no place for it here yet, so nothing to import",
        "report.json: reports: there is no place for it here yet, so nothing to import",
    ]
    assert tables() == before


def test_what_it_imports_is_told_to_nobody(read_events):
    imported(DATA)

    read_events()

    assert not Pending.objects.exists()
    assert not tables()["Notification"]
