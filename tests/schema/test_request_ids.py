"""Every answer says what its request is called in the log; a client cannot choose that, and a proxy can."""

import re

import pytest
from django.test import Client

from schema.request_ids import REQUEST_ID, request_id_of
from tests.asking import post

MADE = re.compile("[0-9a-f]{32}")
GIVEN = "01JDA8Z7-edge.3_42"

_client = Client(raise_request_exception=False)


def test_each_request_has_an_id_of_its_own(db: None):
    said = [
        post({"query": query})["X-Request-Id"] for query in ("{ __typename }", "{ __typename }", "{", "{ a }")
    ]
    said += [
        _client.generic(method, "/graphql")["X-Request-Id"] for method in ("GET", "PUT", "OPTIONS", "HEAD")
    ]
    said += [_client.get(path)["X-Request-Id"] for path in ("/healthz", "/admin/", "/nowhere")]
    assert all(map(MADE.fullmatch, said)) and len(set(said)) == len(said)
    assert REQUEST_ID.get() == ""


def test_what_a_client_calls_it_is_nothing_to_us(db: None):
    for path in ("/graphql", "/healthz"):
        assert MADE.fullmatch(_client.get(path, headers={"X-Request-Id": GIVEN})["X-Request-Id"])


def test_a_proxy_that_is_trusted_with_it_is_taken_at_its_word(db: None, settings):
    settings.PROXY_REQUEST_IDS = True
    for path in ("/graphql", "/healthz"):
        assert _client.get(path, headers={"X-Request-Id": GIVEN})["X-Request-Id"] == GIVEN


@pytest.mark.parametrize(
    "said",
    [
        "",
        "short",
        "x" * 65,
        "with space in it",
        "a\r\nSet-Cookie: a=b",
        "a\nb12345678",
        "<script>12345",
        "-12345678",
        "ééééééééé",
    ],
)
def test_but_not_when_it_is_ill_formed(settings, said: str):
    settings.PROXY_REQUEST_IDS = True
    assert MADE.fullmatch(request_id_of(said))
