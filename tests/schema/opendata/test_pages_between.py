"""A list is read whole while others write into it."""

from datetime import UTC, datetime, timedelta

from backend.projects.models import Project
from schema.opendata.models import OpenProject
from tests.cast import make_cast, project
from tests.schema.opendata.test_pages import walked


def test_what_is_written_between_two_pages_makes_no_gap_and_no_double(empty: None):
    cast = make_cast()
    old = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(20):
        made = project(cast.ana, f"P{number}")
        # Two share each moment.
        Project.objects.filter(pk=made.pk).update(launched_at=old + timedelta(days=number // 2))
    before = set(OpenProject.objects.values_list("slug", flat=True))
    more = iter(range(100))

    def between() -> None:
        made = project(cast.ana, f"N{next(more)}")
        Project.objects.filter(pk=made.pk).update(launched_at=old + timedelta(days=5))

    found = walked("projects", "-launchedAt", 3, between)
    assert len(found) == len(set(found)) and before <= set(found)
