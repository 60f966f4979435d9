"""A page takes as many statements for one row as for a hundred, and reads no more than is asked."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from backend.boards.models import Board
from backend.communities.models import Community
from social.updates.models import Update
from tests.cast import make_cast, project, task
from tests.schema.opendata.asking import ask, codes, data, statements
from tests.schema.opendata.conftest import committed


@pytest.fixture(scope="module")
def crowded(django_db_setup, django_db_blocker) -> Iterator[None]:
    with committed(django_db_blocker):
        cast = make_cast()
        for number in range(100):
            community = Community.objects.create(slug=f"c{number}", name="C", kind="LOCAL")
            made = project(cast.ana, f"P{number}", community=community, tags=[f"t{number}"])
            task(Board.objects.create(project=made, title="B"))
            moment = datetime(2026, 1, 1, tzinfo=UTC)
            Update.objects.create(
                project=made, author=cast.ana, title="U", body="", body_html="", published_at=moment
            )
        yield


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ("{ projects(first: %d) { edges { node { slug title tasksDone minutesGiven } } } }", 1),
        ("{ projects(first: %d) { totalCount edges { node { slug } } } }", 2),
        ("{ projects(first: %d) { totalCount } }", 2),
        ("{ projects(first: %d) { edges { node { community { slug } } } } }", 2),
        ("{ updates(first: %d) { edges { node { title project { slug community { name } } } } } }", 3),
        ("{ tasks(first: %d) { totalCount edges { node { title project { slug tasksDone } } } } }", 3),
        ('{ tasks(first: %d, project_Slug: "p1") { edges { node { title project { slug } } } } }', 3),
        ("{ communities(first: %d) { edges { node { slug } } } }", 1),
        ("{ tags(first: %d) { edges { node { name } } } }", 1),
        ("{ contributions(first: %d) { edges { node { minutes } } } }", 1),
    ],
)
def test_a_page_of_a_hundred_takes_the_statements_of_a_page_of_one(crowded, document: str, count: int):
    for first in (1, 100):
        with statements() as said:
            assert "errors" not in ask(document % first)
        assert len(said) == count, said


def test_only_what_is_asked_is_read(crowded):
    with statements() as said:
        ask("{ projects(first: 2) { edges { node { title } } } }")
    assert len(said) == 1 and "tasks_done" not in said[0] and "OFFSET" not in said[0]


def test_absent_is_twenty(crowded):
    assert len(data("{ tags { edges { cursor } } }")["tags"]["edges"]) == 20
    assert codes("{ tags(first: null) { totalCount } }") == ["VALIDATION"]
