import pytest

from backend.boards.filters import TaskFilter
from backend.boards.models import Task
from tests import cast as people
from tests.cast import Cast


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, {"Paint the gate", "Solder", "Done"}),
        ({"state": "OPEN"}, {"Paint the gate", "Solder"}),
        ({"state": "DONE"}, {"Done"}),
        ({"skill": "SOLDERING"}, {"Solder"}),
        ({"skill": "solder"}, set()),
        ({"label": "Indoors"}, {"Solder"}),
        ({"longest_minutes": "60"}, {"Solder"}),
        ({"longest_minutes": "59"}, set()),
    ],
)
def test_a_list_of_tasks_is_narrowed(cast: Cast, given: dict, found: set[str]):
    people.task(cast.board, "Solder", skills=["soldering"], labels=["indoors"], estimate_minutes=60)
    people.task(cast.board, "Done", accepted_count=1)
    filtered = TaskFilter(given, queryset=Task.objects.all())
    assert filtered.is_valid()
    assert set(filtered.qs.values_list("title", flat=True)) == found


@pytest.mark.parametrize(
    "given",
    [
        {"state": "LOST"},
        {"skill": "x" * 41},
        {"label": "a\0"},
        *({"longest_minutes": value} for value in ("0", "-1", "10081", "NaN", "1e999", "١x", "9" * 5_000)),
    ],
)
def test_what_cannot_be_looked_for_is_refused(given: dict, db: None):
    assert not TaskFilter(given, queryset=Task.objects.all()).is_valid()
