import pytest

from backend.communities.models import Community
from backend.projects.filters import ProjectFilter
from backend.projects.models import Project, ProjectStatus
from tests.cast import Cast, project


@pytest.fixture
def three(cast: Cast) -> None:
    murcia = Community.objects.create(slug="murcia", name="Murcia", kind="LOCAL")
    project(cast.bo, "Radio 100%", slug="radio", category="CULTURAL", tags=["radio", "río"], locale="pt-BR")
    project(cast.cy, "Forno", status=ProjectStatus.FUNDED, summary="Bread_and water", community=murcia)


def slugs(**given: object) -> set[str]:
    filtered = ProjectFilter(given, queryset=Project.objects.all())
    assert filtered.is_valid(), filtered.errors
    return set(filtered.qs.values_list("slug", flat=True))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, {"huerta-del-rio", "radio", "forno"}),
        ({"category": "CULTURAL"}, {"radio"}),
        ({"status": "FUNDED"}, {"forno"}),
        ({"tag": "RÍO"}, {"radio"}),
        ({"tag": "rio"}, set()),
        ({"locale": "pt-BR"}, {"radio"}),
        ({"community": "murcia"}, {"forno"}),
        ({"owner": "ana"}, {"huerta-del-rio"}),
        ({"search": "HUERTA"}, {"huerta-del-rio"}),
        ({"search": "water"}, {"forno"}),
        ({"search": "100%"}, {"radio"}),
        ({"search": "%"}, {"radio"}),
        ({"search": "d_a"}, {"forno"}),
        ({"search": "\\"}, set()),
        ({"search": "(a+)+$"}, set()),
        ({"category": "ECOLOGICAL", "owner": "bo"}, set()),
    ],
)
@pytest.mark.usefixtures("three")
def test_a_list_of_projects_is_narrowed(given: dict, found: set[str]):
    assert slugs(**given) == found


@pytest.mark.parametrize(
    "given",
    [
        {"category": "password"},
        {"status": "HIDDEN"},
        {"tag": "x" * 41},
        {"owner": "x" * 31},
        {"search": "%_" * 101},
        {"search": "a\0b"},
    ],
)
def test_what_cannot_be_looked_for_is_refused(given: dict, db: None):
    assert not ProjectFilter(given, queryset=Project.objects.all()).is_valid()
