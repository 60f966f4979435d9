"""The WSGI door answers a plain question itself, in Django's very words, and leaves the rest to Django."""

import io
import json
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from config import wsgi
from schema.cookies import COOKIE
from schema.requests import LARGEST_BODY
from tests.asking import token_of
from tests.cast import Cast

QUESTION = json.dumps({"query": "{ viewer { email } }"}).encode()

Answer = tuple[str, dict[str, str], bytes]


def environ(body: bytes = QUESTION, **more: str | None) -> dict[str, Any]:
    """A request as a server hands it over; None takes something out of it."""
    made: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/graphql",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    } | more
    return {name: value for name, value in made.items() if value is not None}


def answered(application: Any, asked: dict[str, Any]) -> Answer:
    """What a WSGI application answers."""
    said: list[tuple[str, list[tuple[str, str]]]] = []
    parts = application(asked, lambda status, headers, exc_info=None: said.append((status, headers)))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    ((status, headers),) = said
    # Only what an answer says of itself may differ: Django gives a length by a middleware that is for others.
    own = ("Content-Length", "X-Request-Id")
    return status, {name: text for name, text in headers if name not in own}, body


@pytest.fixture(autouse=True)
def within_the_tests_own_transaction(monkeypatch: pytest.MonkeyPatch):
    """Both doors let go of their connection, which here is the test's; as Django's own test client keeps it."""
    monkeypatch.setattr(wsgi, "close_old_connections", lambda: None)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that Django was asked for."""
    seen: list[str] = []
    house = wsgi.house

    def note(asked: dict[str, Any], start_response: Any) -> Any:
        seen.append(asked["PATH_INFO"])
        return house(asked, start_response)

    monkeypatch.setattr(wsgi, "house", note)
    return seen


PLAIN = {
    "a question": {},
    "with a charset": {"CONTENT_TYPE": "application/json; charset=utf-8"},
    "of another type": {"CONTENT_TYPE": "text/plain"},
    "of no type": {"CONTENT_TYPE": None},
    "with a token that nobody has": {"HTTP_AUTHORIZATION": "Bearer acequia_nobody"},
    "with a password": {"HTTP_AUTHORIZATION": "Basic YTpi"},
    "behind a proxy": {"HTTP_X_FORWARDED_PROTO": "https"},
    "behind two": {"HTTP_X_FORWARDED_PROTO": "https, http"},
    "over TLS": {"wsgi.url_scheme": "https"},
    "at a port": {"HTTP_HOST": "testserver:8443"},
    "in the newer media type": {"HTTP_ACCEPT": "application/graphql-response+json"},
    "in none that we have": {"HTTP_ACCEPT": "text/html"},
    "of an allowed page": {"HTTP_ORIGIN": "http://localhost:3000"},
    "of another page": {"HTTP_ORIGIN": "https://evil.example"},
    "with a cookie of an allowed page": {"HTTP_ORIGIN": "http://localhost", "HTTP_COOKIE": f"{COOKIE}=x"},
    "with a cookie of another page": {"HTTP_ORIGIN": "https://evil.example", "HTTP_COOKIE": f"{COOKIE}=x"},
    "that wants a cookie": {"HTTP_ORIGIN": "http://localhost", "HTTP_ACEQUIA_SESSION": "cookie"},
    "with an id of its own": {"HTTP_X_REQUEST_ID": "its-own-number-1"},
}
NOT_PLAIN = {
    "a question by GET": {"REQUEST_METHOD": "GET", "QUERY_STRING": "query={__typename}"},
    "another method": {"REQUEST_METHOD": "PUT"},
    "a browser that asks first": {"REQUEST_METHOD": "OPTIONS", "HTTP_ORIGIN": "http://localhost"},
    "another address": {"PATH_INFO": "/healthz", "REQUEST_METHOD": "GET"},
    "almost the address": {"PATH_INFO": "/graphql/"},
    "another host": {"HTTP_HOST": "evil.example"},
    "no host that can be": {"HTTP_HOST": "test server"},
    "no host": {"HTTP_HOST": None, "SERVER_NAME": "evil.example"},
    "no length": {"CONTENT_LENGTH": None},
    "an empty length": {"CONTENT_LENGTH": ""},
    "a length below nothing": {"CONTENT_LENGTH": "-1"},
    "a length of five thousand digits": {"CONTENT_LENGTH": "9" * 5_000},
    "a body too long": {"CONTENT_LENGTH": str(LARGEST_BODY + 1)},
}


@pytest.mark.parametrize("more", PLAIN.values(), ids=PLAIN)
def test_a_plain_question_is_answered_in_the_words_of_django(db: None, unasked: list[str], more: dict):
    ours = answered(wsgi.application, environ(**more))
    assert unasked == []

    assert ours == answered(wsgi.house, environ(**more))


@pytest.mark.parametrize("more", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_is_not_plain_goes_to_django(db: None, unasked: list[str], more: dict):
    status, _, _ = answered(wsgi.application, environ(**more))

    assert len(unasked) == 1
    assert int(status[:3]) < 500


def test_whoever_is_logged_in_is_told_about_themselves(cast: Cast, unasked: list[str]):
    asked = environ(HTTP_AUTHORIZATION=f"Bearer {token_of(cast.ana)}")
    status, headers, body = answered(wsgi.application, asked)

    assert (status, unasked) == ("200 OK", [])
    assert json.loads(body)["data"] == {"viewer": {"email": "ana@example.org"}}
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("more", "status"),
    [({}, "301 Moved Permanently"), ({"HTTP_X_FORWARDED_PROTO": "https"}, "200 OK")],
)
def test_where_it_must_be_https_nothing_is_answered_without(db: None, settings, more: dict, status: str):
    settings.SECURE_SSL_REDIRECT = True
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "security" in each or "door" in each]
    house = wsgi.get_wsgi_application()  # The middleware reads its settings when it is made.
    wsgi.house, kept = house, wsgi.house
    try:
        assert answered(wsgi.application, environ(**more))[0] == status
    finally:
        wsgi.house = kept


def test_a_length_says_how_much_comes(db: None):
    said: list[Any] = []
    parts = wsgi.application(environ(), lambda status, headers: said.extend(headers))
    assert dict(said)["Content-Length"] == str(len(b"".join(parts)))


def test_a_bug_on_the_way_is_masked(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fails(*_: object) -> None:
        raise RuntimeError("SELECT password")

    monkeypatch.setattr("schema.questions.prepare", fails)
    status, _, body = answered(wsgi.application, environ())

    (error,) = json.loads(body)["errors"]
    assert (status, error["extensions"]["code"]) == ("500 Internal Server Error", "INTERNAL")
    assert b"SELECT" not in body
    assert error["extensions"]["requestId"] in caplog.text
