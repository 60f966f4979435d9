"""Whose pages a browser lets read what we answer (Fetch, the CORS protocol): those that are listed, and no others."""

import json

import pytest
from django.http import HttpResponse
from django.test import Client

APP = "https://app.example.org"
OTHERS = ["https://evil.example", "null", "", "http://app.example.org", f"{APP}:8443", "*", f"{APP}/"]

_client = Client(raise_request_exception=False)


@pytest.fixture(autouse=True)
def on_a_server(settings) -> None:
    settings.DEVELOPMENT = False
    settings.ALLOWED_ORIGINS = [APP, "https://admin.example.org"]


def shared(response: HttpResponse) -> dict[str, str]:
    """What a browser is told of who may read it."""
    return {name: text for name, text in response.headers.items() if name.startswith("Access-Control-")}


def ask(origin: str, query: str = "{ __typename }") -> HttpResponse:
    body = json.dumps({"query": query})
    return _client.post("/graphql", body, content_type="application/json", headers={"Origin": origin})


def before(origin: str, method: str = "POST") -> HttpResponse:
    """The question that a browser asks first."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return _client.options("/graphql", headers=headers)


@pytest.mark.parametrize("origin", [APP, "https://admin.example.org"])
def test_a_listed_page_may_read_and_send_its_cookie(db: None, origin: str):
    response = ask(origin)
    assert shared(response) == {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "Retry-After, X-Request-Id",
    }
    assert response["Vary"] == "Accept, Origin"


def test_it_may_read_why_it_was_refused_too(db: None):
    for query in ("{", "{ nothing }"):
        assert shared(ask(APP, query))["Access-Control-Allow-Origin"] == APP
    wrong = _client.post("/graphql", "x", content_type="text/plain", headers={"Origin": APP})
    assert (wrong.status_code, shared(wrong)["Access-Control-Allow-Origin"]) == (415, APP)


@pytest.mark.parametrize("origin", OTHERS)
def test_any_other_page_reads_nothing(db: None, origin: str):
    response = ask(origin)
    assert (response.status_code, shared(response)) == (200, {})
    # A cache that kept it would know that the next page may be another's.
    assert response["Vary"] == "Accept, Origin"
    refused = before(origin)
    assert (refused.status_code, shared(refused), refused.content) == (204, {}, b"")


def test_a_browser_that_asks_first_is_told_what_may_be_sent(db: None):
    response = before(APP)
    said = shared(response)
    assert (response.status_code, response.content, response["Vary"]) == (204, b"", "Accept, Origin")
    assert (said["Access-Control-Allow-Origin"], said["Access-Control-Allow-Credentials"]) == (APP, "true")
    assert said["Access-Control-Allow-Methods"] == "GET, POST"
    allowed = {name.strip().lower() for name in said["Access-Control-Allow-Headers"].split(",")}
    assert {
        "authorization",
        "content-type",
        "acequia-session",
        "last-event-id",
    } <= allowed and "*" not in allowed
    assert said["Access-Control-Max-Age"] == "7200"


def test_what_can_be_asked_at_all_is_told_to_whoever_asks_that(db: None):
    response = _client.options("/graphql")
    assert (response.status_code, response["Allow"], shared(response)) == (204, "GET, OPTIONS, POST", {})


def test_on_a_developers_machine_its_own_pages_are_listed_whatever_their_port(db: None, settings):
    settings.DEVELOPMENT = True
    for origin in ("http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8000"):
        assert shared(ask(origin))["Access-Control-Allow-Origin"] == origin
    assert shared(ask("http://localhost.evil.example")) == {}
