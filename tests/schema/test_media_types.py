"""What an answer is written in, and what its status says in either of the two media types (GraphQL over HTTP, 6.4)."""

import json

import pytest

from schema.media_types import JSON, RESPONSE_JSON, answered_in
from tests.asking import post, undone
from tests.cast import Cast
from tests.schema.test_failures import DIVIDED, break_field  # noqa: F401  # A fixture.

BOTH = (JSON, RESPONSE_JSON)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", JSON),
        (" ", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("Application/JSON", JSON),
        ("application/json; charset=utf-8", JSON),
        ('application/json; charset="UTF-8"', JSON),
        ("application/json;charset=latin-1", None),
        ("application/graphql-response+json", RESPONSE_JSON),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", RESPONSE_JSON),
        ("application/json, application/graphql-response+json", RESPONSE_JSON),
        ("application/graphql-response+json;q=0.5, application/json", JSON),
        ("application/graphql-response+json, application/json;q=0.9", RESPONSE_JSON),
        ("application/graphql-response+json, */*;q=0.1", RESPONSE_JSON),
        ("application/graphql-response+json;q=0.1, */*", JSON),
        ("*/*, application/json;q=0", RESPONSE_JSON),
        ("application/json;q=0", None),
        ("application/json;q=nonsense", None),
        ("application/json;q=nan", None),
        ("text/html", None),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("application/graphql+json", None),
        ("application/jsonp", None),
        (",;,=;q", None),
        ("*", None),
    ],
)
def test_an_answer_is_in_what_its_client_likes_best(accept: str, kind: str | None):
    assert answered_in(accept) == kind


def test_whoever_likes_neither_is_told_so_in_json(db: None):
    response = post({"query": "{ __typename }"}, accept="text/html")

    assert (response.status_code, response["Content-Type"]) == (406, JSON)
    assert json.loads(response.content)["errors"][0]["extensions"] == {"code": "NOT_ACCEPTABLE"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { __typename }", "operationName": "B"}, "OPERATION_NOT_FOUND"),
        ({"query": "query($id: ID!) { node(id: $id) { id } }"}, "VALIDATION"),
        ({"query": "{ __typename }", "variables": {"a": "\0"}}, "VALIDATION"),
        ({"query": "{ __typename " * 1_001}, "QUERY_TOO_COMPLEX"),
    ],
)
def test_what_was_not_run_is_a_400_only_in_the_newer_one(db: None, asked: dict, code: str):
    for kind, status in zip(BOTH, (200, 400), strict=True):
        response = post(asked, accept=kind)
        answer = json.loads(response.content)
        assert (response.status_code, response["Content-Type"]) == (status, kind)
        assert "data" not in answer and answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", JSON, 400),
        ({"query": 5}, JSON, 400),
        ({"query": "{ __typename }"}, "text/plain", 415),
        (" " * 70_000, JSON, 413),
        ({"query": "subscription { boardEvents(boardId: 1) { cursor } }"}, JSON, 400),
    ],
)
def test_what_is_no_question_has_its_status_in_both(
    db: None, kind: str, body: object, content_type: str, status: int
):
    response = post(body, content_type=content_type, accept=kind)
    assert response.status_code == status
    assert "data" not in json.loads(response.content)


@pytest.mark.parametrize("kind", BOTH)
def test_what_was_run_is_a_200_whatever_became_of_it(cast: Cast, kind: str, break_field):  # noqa: F811
    break_field("User.location", DIVIDED)
    answers = {
        "{ __typename }": None,
        '{ user(handle: "nobody") { id } }': "NOT_FOUND",
        '{ user(handle: "bo") { location } }': "INTERNAL",
        "mutation { logOut { errors { code } } }": None,
    }
    for query, code in answers.items():
        with undone():
            response = post({"query": query}, accept=kind)
        answer = json.loads(response.content)
        assert (response.status_code, response["Content-Type"]) == (200, kind)
        assert "data" in answer
        assert [error["extensions"]["code"] for error in answer.get("errors", [])] == ([code] if code else [])


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=latin-1", "application/json; charset=utf-16", "application/json;charset=x"],
)
def test_a_question_in_another_charset_is_not_read(db: None, content_type: str):
    assert post({"query": "{ __typename }"}, content_type=content_type).status_code == 415
