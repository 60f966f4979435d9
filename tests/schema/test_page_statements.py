"""What the pages that clients show cost, to the statement: a change of one of these numbers is a decision."""

from typing import Any

import pytest

from backend.accounts.models import User
from tests.asking import ask, id_of, statements, token_of
from tests.cast import Cast
from tests.schema.crowd import PARENT, Crowd, crowd

#: One statement finds the session, one the thing itself; the rest is read in rounds, one for each model and place.
EXPECTED = {
    "ProjectPage": 14,
    "BoardPage": 10,
    "Discover": 5,
    "Followers": 7,
    "Thread": 9,
    "Notifications": 9,
    "Me": 6,
    "UserProfile": 5,
}


def variables(page: str, world: Crowd) -> dict[str, Any]:
    asked: dict[str, dict[str, Any]] = {
        "ProjectPage": {"slug": world.forum.slug},
        "BoardPage": {"id": id_of(world.workshop), "first": 30},
        "Discover": {"first": 20, "filter": {"tag": PARENT}},
        "Followers": {"userId": id_of(world.star), "first": 20},
        "Thread": {"subjectId": id_of(world.forum), "first": 20},
        "Notifications": {"first": 20},
        "Me": {},
        "UserProfile": {"handle": world.star.handle},
    }
    return asked[page]


def cost(page: str, viewer: User | None, **asked: Any) -> int:
    if viewer:
        token_of(viewer)
    with statements() as said:
        answer = ask(page, viewer, **asked)
    assert "errors" not in answer, answer["errors"]
    return len(said)


@pytest.mark.parametrize("size", [1, 10])
def test_a_page_costs_so_many_statements(db: None, size: int):
    world = crowd(size, 2)
    assert {page: cost(page, world.viewer, **variables(page, world)) for page in EXPECTED} == EXPECTED


def test_a_total_costs_a_statement_and_only_who_asks_pays(cast: Cast):
    query = "query($id: ID!) { board(id: $id) { tasks { %s edges { node { title } } } } }"

    plain = cost(query % "", None, id=id_of(cast.board))

    assert cost(query % "totalCount", None, id=id_of(cast.board)) == plain + 1
    assert cost(query % "pageInfo { hasNextPage }", None, id=id_of(cast.board)) == plain


def test_a_field_that_is_left_out_costs_nothing(cast: Cast):
    query = (
        "query($id: ID!, $who: Boolean!) { board(id: $id) { title project @include(if: $who) { title } } }"
    )

    assert cost(query, None, id=id_of(cast.board), who=True) == 2
    assert cost(query, None, id=id_of(cast.board), who=False) == 1


def test_the_same_thing_asked_twice_is_read_once(cast: Cast):
    query = "query($slug: String!) { a: project(slug: $slug) { %s } b: project(slug: $slug) { %s } }"
    parts = "title owner { handle } boards { title tasks { totalCount edges { node { title viewerCan } } } }"

    assert cost(query % (parts, "id"), None, slug=cast.project.slug) == cost(
        query % (parts, parts), None, slug=cast.project.slug
    )


def test_nothing_is_asked_of_the_database_for_a_document_that_does_not_hold(db: None):
    with statements() as said:
        answer = ask("{ viewer { password } }")
    assert (answer["errors"][0]["extensions"], said) == ({"code": "GRAPHQL_VALIDATION_FAILED"}, [])
