"""The oracle behind a door of its own: what the benchmark measures the planner against answers as the planner does."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.asking import id_of, token_of
from tests.cast import Cast
from tests.oracle.answers import by_the_planner, spelled_out
from tests.oracle.reducing import reduced
from tests.schema.walks import WALKS, Walk


@pytest.fixture
def door(settings: Any) -> Client:
    """A client of the oracle's server."""
    settings.ROOT_URLCONF = "tests.oracle.urls"
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != "config.door.graphql_first"]
    return Client()


def asked(door: Client, query: str, token: str | None, **variables: Any) -> dict[str, Any]:
    """What it answers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"query": query, "variables": variables}
    return json.loads(door.post("/graphql", body, content_type="application/json", headers=headers).content)


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name)
def test_it_reads_every_list_page_by_page(door: Client, cast: Cast, walk: Walk):
    """By the database, which the oracle of the comparison does not do."""
    walk.make(cast, [3, 1, 2, 2, 3])
    viewer = walk.viewer(cast)
    token = token_of(viewer) if viewer else None
    variables: dict[str, Any] = {"first": 2, "after": None}
    if walk.owner:
        variables["of"] = id_of(walk.owner(cast))
    more = True
    while more:
        told = asked(door, walk.document(), token, **variables)
        assert spelled_out(told) == spelled_out(by_the_planner(walk.document(), variables, token))
        page = told["data"]
        while "list" not in page:
            (page,) = page.values()
        more, variables["after"] = page["list"]["pageInfo"].values()


def test_it_does_what_mutations_say(door: Client, cast: Cast):
    document = """mutation($input: ClaimTaskInput!) {
        claimTask(input: $input) { claim { state claimant { handle } task { openSlots } } errors { code } }
    }"""
    told = [asked(door, document, token_of(cast.bo), input={"taskId": id_of(cast.task)}) for _ in range(2)]

    assert (
        told
        == [
            {
                "data": {
                    "claimTask": {
                        "claim": {"state": "CLAIMED", "claimant": {"handle": "bo"}, "task": {"openSlots": 0}},
                        "errors": [],
                    }
                }
            }
        ]
        * 2
    )


def test_it_says_why_something_was_not_done(door: Client, cast: Cast):
    document = """mutation {
        logIn(input: {email: "ana@example.org", password: "wrong"}) { session { token } errors { code } }
    }"""

    assert asked(door, document, None)["data"]["logIn"] == {
        "session": None,
        "errors": [{"code": "WRONG_CREDENTIALS"}],
    }


def test_a_document_is_reduced_to_what_fails():
    document = """query Q($a: Boolean!, $b: Int) {
        viewer { ...F locale sessions { id current } }
        projects(first: $b) { edges { node { ... on Followable { id ... on Project { title @skip(if: $a) slug } } } } }
    }
    fragment F on Viewer { email user { handle @include(if: $a) ...G } }
    fragment G on User { bio }"""

    def least(word: str) -> str:
        return " ".join(reduced(document, lambda text: word in text).split())

    assert least("title") == "query Q { projects { edges { node { title } } } }"
    assert least("bio") == "query Q { viewer { user { bio } } }"
    assert least("$b") == "query Q($b: Int) { projects(first: $b) { edges { node { id } } } }"


def test_it_knows_who_asks(door: Client, cast: Cast):
    assert asked(door, "{ viewer { email } }", token_of(cast.cy)) == {
        "data": {"viewer": {"email": "cy@example.org"}}
    }
    assert asked(door, "{ viewer { email } }", None) == {"data": {"viewer": None}}
    assert "errors" in asked(door, "{ viewer { email } }", "acequia_nobody's")
    assert "errors" in asked(door, "{ viewer { nothing } }", None)
    assert "errors" in asked(door, "{", None)
