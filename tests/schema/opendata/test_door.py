"""The door of open data: who asks is nobody, what is asked is bounded, and what is answered may be kept by anybody."""

import json
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client, override_settings
from graphql import get_introspection_query

from schema import meters
from schema.opendata import prices
from schema.opendata.door import PATH
from tests.asking import token_of
from tests.oracle.worlds import World
from tests.schema.hostile import written
from tests.schema.opendata.asking import ask, codes, get, post

TAGS = "{ tags(first: 2) { edges { node { name } } } }"


def test_a_query_may_come_by_post_and_by_get(world: World):
    one, other = post({"query": TAGS}), get(TAGS)
    assert one.status_code == other.status_code == 200
    assert one.content == other.content and len(json.loads(one.content)["data"]["tags"]["edges"]) == 2


def test_every_page_may_ask_and_every_cache_may_keep(world: World):
    answer = get(TAGS, Origin="https://anybody.example")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Cache-Control"] == "public, max-age=60"
    assert answer["Vary"] == "Accept"
    assert not answer.cookies
    preflight = Client().options(
        PATH, headers={"Origin": "https://anybody.example", "Access-Control-Request-Method": "POST"}
    )
    assert (preflight.status_code, preflight["Access-Control-Allow-Origin"]) == (204, "*")
    assert preflight["Access-Control-Allow-Methods"] == "GET, OPTIONS, POST"


def test_what_a_client_has_is_not_sent_again(world: World):
    first = get(TAGS)
    etag = first["ETag"]
    for said in (etag, f'"other", W/{etag}', "*"):
        again = get(TAGS, **{"If-None-Match": said})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert again["Cache-Control"] == "public, max-age=60"
    assert get(TAGS, **{"If-None-Match": '"other"'}).status_code == 200
    # A POST has other words for a condition (RFC 9110, 13.1.2), and none here.
    assert post({"query": TAGS}, **{"If-None-Match": etag}).status_code == 200


def test_a_token_and_a_cookie_change_nothing(world: World):
    plain = post({"query": TAGS})
    token = token_of(world.viewers["sol"])
    for headers in (
        {"Authorization": f"Bearer {token}"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "\x01"},
        {"Cookie": f"{settings.TOKEN_COOKIE}={token}"},
    ):
        answer = post({"query": TAGS}, **headers)
        assert (answer.status_code, answer.content, answer["ETag"]) == (200, plain.content, plain["ETag"])


def test_nothing_refused_is_kept_by_anybody(world: World):
    for document in ("{ nothing }", "{", "{ tags(first: 0) { totalCount } }"):
        answer = post({"query": document})
        assert answer["Cache-Control"] == "no-store" and "ETag" not in answer


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("[]", 400, "BAD_REQUEST"),
        ("null", 400, "BAD_REQUEST"),
        ("{", 400, "BAD_REQUEST"),
        ('{"query": 5}', 400, "BAD_REQUEST"),
        ('{"variables": []}', 400, "BAD_REQUEST"),
        ('{"query": "{ tags { totalCount } }", "variables": {"a": 1e999}}', 200, None),
        ('{"query": "{ nothing }"}', 400, "GRAPHQL_VALIDATION_FAILED"),
        ('{"query": "mutation { x }"}', 400, "GRAPHQL_VALIDATION_FAILED"),
        ('{"query": "subscription { x }"}', 400, "GRAPHQL_VALIDATION_FAILED"),
        (
            '{"query": "query A { tags { totalCount } } query B { tags { totalCount } }"}',
            400,
            "OPERATION_NOT_FOUND",
        ),
        (b"x" * 70_000, 413, "TOO_LARGE"),
    ],
)
def test_a_body_that_is_no_question_is_refused(world: World, body, status: int, code: str | None):
    answer = post(body)
    assert answer.status_code == status, answer.content
    said = json.loads(answer.content)
    assert [error["extensions"]["code"] for error in said.get("errors", [])] == ([code] if code else [])


def test_errors_say_a_code_and_a_sentence_and_no_more(world: World):
    for document, variables in (
        ("{ nothing }", {}),
        ("{ projects(first: 0) { totalCount } }", {}),
        ('{ projects(after: "x") { totalCount } }', {}),
        ("query($n: Int) { projects(first: $n) { totalCount } }", {"n": 1e999}),
    ):
        for error in ask(document, **variables)["errors"]:
            assert set(error) <= {"message", "extensions", "locations", "path"}
            assert set(error["extensions"]) <= {"code", "field", "requestId"}


def test_hostile_documents_are_refused_before_they_are_read(world: World):
    for each in written():
        answer = post({"query": each.document})
        assert answer.status_code in (200, 400, 413), each
        assert "INTERNAL" not in answer.content.decode(), each


def test_the_question_that_every_tool_asks_first_is_answered(world: World):
    answer = ask(get_introspection_query(input_value_deprecation=True))
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"
    assert answer["data"]["__schema"]["mutationType"] is None


def test_an_operation_has_a_price(world: World):
    def points(document: str) -> int:
        return json.loads(post({"query": document}).content)["extensions"]["cost"]["points"]

    assert points("{ tags(first: 1) { edges { node { name } } } }") == 4
    assert points("{ tags(first: 100) { edges { node { name } } } }") == 14
    assert points("{ tags(first: 100) { totalCount edges { node { name } } } }") == 17
    assert points("{ tasks(first: 1) { edges { node { title } } } }") == 31
    assert points('{ tasks(first: 1, project_Slug: "x") { edges { node { title } } } }') == 4
    assert (
        points("{ tasks(first: 100) { totalCount edges { node { project { community { slug } } } } } }") == 91
    )
    assert points('{ projects(search: "a") { totalCount } }') == prices.SEARCH // 10 + 9
    assert points("{ monthlyStats(year: 2026) { month } }") == 6
    ten = " ".join(
        f"a{n}: tasks(first: 100) {{ edges {{ node {{ project {{ community {{ slug }} }} }} }} }}"
        for n in range(10)
    )
    assert points(f"{{ {ten} }}") == 609
    assert json.loads(post({"query": f"{{ {ten} }}"}).content)["extensions"]["cost"]["nodes"] == 3000


@override_settings(RATE_LIMITS=1)
def test_a_network_that_has_spent_all_waits(world: World):
    meters.forget_leases()
    document = "{ tasks(first: 100) { totalCount edges { node { title } } } }"
    found = [post({"query": document}, **{"X-N": str(n)}) for n in range(12)]
    refused = [each for each in found if each.status_code == 429]
    assert 2 < len(refused) < 9 and int(refused[0]["Retry-After"]) >= 1
    assert json.loads(refused[0].content)["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    meters.forget_leases()


def test_years_are_years(world: World):
    for year in (0, -1, 9999, 10_000, 2**31 - 1):
        assert codes("query($y: Int!) { monthlyStats(year: $y) { month } }", y=year) == ["VALIDATION"]
    assert ask("{ monthlyStats(year: 2026) { month } }") == {"data": {"monthlyStats": []}}
    assert datetime.now(UTC).year > 2000


def test_whole_operations_are_timed(world: World):
    with override_settings(OPERATION_SECONDS=0.000001):
        assert codes("{ projects { totalCount } }") == ["TIMEOUT"]
