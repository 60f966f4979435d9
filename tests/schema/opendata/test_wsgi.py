"""The WSGI server answers a plain question to open data itself, in Django's very words, and leaves the rest to Django."""

import json
from urllib.parse import urlencode

import pytest

from config import wsgi
from schema.opendata.door import PATH
from tests.config.test_wsgi import answered, environ, unasked, within_the_tests_own_transaction  # noqa: F401
from tests.oracle.worlds import World

DOCUMENT = "{ tags(first: 2) { totalCount edges { node { name } } } }"
POST = {"PATH_INFO": PATH}
GET = {
    "PATH_INFO": PATH,
    "REQUEST_METHOD": "GET",
    "QUERY_STRING": urlencode({"query": DOCUMENT}),
    "CONTENT_LENGTH": None,
    "CONTENT_TYPE": None,
}


def body() -> bytes:
    return json.dumps({"query": DOCUMENT}).encode()


@pytest.mark.parametrize(
    "asked", [POST, GET, GET | {"CONTENT_LENGTH": ""}, GET | {"QUERY_STRING": "query={x}"}]
)
def test_a_plain_question_is_answered_before_django(world: World, unasked: list[str], asked):  # noqa: F811
    mine = answered(wsgi.application, environ(body(), **asked))
    assert unasked == []
    theirs = answered(wsgi.house, environ(body(), **asked))
    assert mine == theirs and mine[0] in ("200 OK", "400 Bad Request")


def test_what_a_client_has_is_not_sent_again_here_either(world: World):
    etag = answered(wsgi.application, environ(b"", **GET))[1]["ETag"]
    status, headers, said = answered(wsgi.application, environ(b"", **GET, HTTP_IF_NONE_MATCH=etag))
    assert (status, headers["ETag"], said) == ("304 Not Modified", etag, b"")


@pytest.mark.parametrize(
    "asked",
    [
        POST | {"REQUEST_METHOD": "PUT"},
        POST | {"REQUEST_METHOD": "OPTIONS"},
        POST | {"REQUEST_METHOD": "HEAD"},
        POST | {"CONTENT_LENGTH": "many"},
        POST | {"CONTENT_LENGTH": "1000000"},
        GET | {"HTTP_HOST": "evil.example"},
        GET | {"PATH_INFO": f"{PATH}/"},
    ],
)
def test_what_is_not_plain_goes_to_django(world: World, unasked: list[str], asked):  # noqa: F811
    answered(wsgi.application, environ(body(), **asked))
    assert unasked == [asked["PATH_INFO"]]


def test_a_members_get_still_goes_to_django(world: World, unasked: list[str]):  # noqa: F811
    answered(wsgi.application, environ(b"", **(GET | {"PATH_INFO": "/graphql"})))
    assert unasked == ["/graphql"]
