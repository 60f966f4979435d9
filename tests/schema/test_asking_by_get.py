"""A query may stand in an address (GraphQL over HTTP, 5.3); nothing that changes anything may."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from schema.media_types import RESPONSE_JSON
from schema.requests import LARGEST_BODY
from tests.asking import token_of, untouched
from tests.cast import Cast

_client = Client(raise_request_exception=False)


def get(query_string: str = "", token: str = "", **parts: str) -> HttpResponse:
    """What an address answers."""
    headers = {"Accept": RESPONSE_JSON} | ({"Authorization": f"Bearer {token}"} if token else {})
    text = query_string or urlencode(parts)
    return _client.generic("GET", "/graphql", QUERY_STRING=text, headers=headers)


def codes(response: HttpResponse) -> list[str]:
    """Why it was not answered."""
    answer: dict[str, Any] = json.loads(response.content)
    assert "data" not in answer
    return [error["extensions"]["code"] for error in answer["errors"]]


def test_an_address_asks_as_a_body_does(cast: Cast):
    query = "query Me { viewer { email } } query One($h: String!) { user(handle: $h) { handle } }"
    one = get(query=query, operationName="One", variables='{"h": "bo"}', extensions='{"a": 1}')
    me = get(query=query, operationName="Me", token=token_of(cast.ana))

    assert json.loads(one.content)["data"] == {"user": {"handle": "bo"}}
    assert json.loads(me.content)["data"] == {"viewer": {"email": "ana@example.org"}}
    assert (one.status_code, one["Content-Type"], one["Cache-Control"]) == (200, RESPONSE_JSON, "no-store")


def test_what_is_empty_is_not_there(db: None):
    response = get("query={__typename}&variables=&operationName&extensions=")
    # An operation of no name is asked for by none: GraphQL calls "" a name that no operation has.
    assert (response.status_code, codes(response)) == (400, ["OPERATION_NOT_FOUND"])
    assert get("query={__typename}&variables=&extensions=").status_code == 200


def test_a_mutation_by_get_does_nothing(cast: Cast):
    token = token_of(cast.ana)
    with untouched():
        response = get(query="mutation { logOut { errors { code } } }", token=token)
    assert (response.status_code, response["Allow"], codes(response)) == (
        405,
        "POST",
        ["OPERATION_NOT_ALLOWED"],
    )


def test_what_follows_is_for_the_socket(db: None):
    response = get(query='subscription { boardEvents(boardId: "x") { cursor } }')
    assert (response.status_code, codes(response)) == (400, ["OPERATION_NOT_ALLOWED"])


@pytest.mark.parametrize(
    "query_string",
    [
        *("a=b", "QUERY={__typename}", "variables={}", "query={__typename}&query={__typename}"),
        *(
            "query={__typename}&variables={",
            "query={__typename}&variables=[]",
            "query={__typename}&variables=5",
        ),
        *("query={__typename}&extensions=[]", 'query={__typename}&variables={"a":1,"a":2}'),
        *("query=%FF%FE", "query={__typename}&variables=%ED%A0%80", "query={__typename}é"),
        "query={__typename}&variables=" + "[" * 20_000,
        "query={__typename}&variables={%22a%22:" + "9" * 5_000 + "}",
        "query={__typename}&variables={%22a%22:NaN}",
        "query={__typename}&" + "&".join(f"p{number}=" for number in range(50)),
    ],
)
def test_what_cannot_be_read_is_a_bad_request(db: None, query_string: str):
    response = get(query_string)
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])


def test_an_address_has_an_end(db: None):
    before, behind = "query={__typename}&extensions={%22x%22:%22", "%22}"
    room = LARGEST_BODY - len(before + behind)
    assert get(before + "x" * room + behind).status_code == 200
    response = get(before + "x" * (room + 1) + behind)
    assert (response.status_code, codes(response)) == (414, ["TOO_LARGE"])


def test_what_goes_wrong_in_a_document_goes_wrong_by_get_too(db: None):
    for query, code in (("{", "GRAPHQL_PARSE_FAILED"), ("{ emial }", "GRAPHQL_VALIDATION_FAILED")):
        response = get(f"query={quote(query)}")
        assert (response.status_code, codes(response)) == (400, [code])


def test_a_browser_without_a_question_is_shown_graphiql_where_it_is_on(db: None, settings):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert b"graphiql" in _client.get("/graphql", headers=browser).content
    # One that brings a question wants its answer.
    asked = _client.get("/graphql?query={__typename}", headers=browser)
    assert json.loads(asked.content)["data"] == {"__typename": "Query"}

    settings.GRAPHIQL = False
    response = _client.get("/graphql", headers=browser)
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])
    assert b"graphiql" not in response.content.lower()
