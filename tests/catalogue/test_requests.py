"""The bad-input catalogue, requests: rows 10 to 14 and 17 to 20 of documents over HTTP, 87 and 88 of its edge."""

import gzip
import json
import socket
import time
from io import RawIOBase
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from schema.media_types import JSON, RESPONSE_JSON
from schema.requests import LARGEST_BODY
from tests.asking import post, token_of, untouched
from tests.cast import Cast
from tests.serving import House, Server

ME = {"query": "{ viewer { email } }"}

_client = Client(raise_request_exception=False)


def refusal(response: HttpResponse) -> tuple[int, list[str]]:
    """The status, and why; nothing was answered."""
    told: dict[str, Any] = json.loads(response.content)
    assert "data" not in told
    return response.status_code, [error["extensions"]["code"] for error in told["errors"]]


@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
@pytest.mark.parametrize("many", [[ME] * 100, [ME], []])
def test_row_10_a_batch_is_no_question(db: None, many: list, accept: str):
    assert refusal(post(many, accept=accept)) == (400, ["BAD_REQUEST"])


def test_row_11_a_mutation_by_get_is_a_405(cast: Cast):
    headers = {"Authorization": f"Bearer {token_of(cast.ana)}"}
    with untouched():
        response = _client.get(
            "/graphql", {"query": "mutation { logOut { errors { code } } }"}, headers=headers
        )
    assert refusal(response) == (405, ["OPERATION_NOT_ALLOWED"])
    assert response["Allow"] == "POST"


def test_row_11_a_query_by_get_is_answered(cast: Cast):
    """The catalogue says 405; the house chose GET for queries, as the specification allows (ARCHITECTURE.md)."""
    headers = {"Authorization": f"Bearer {token_of(cast.ana)}"}
    response = _client.get("/graphql", ME, headers=headers)
    assert (response.status_code, json.loads(response.content)["data"]["viewer"]["email"]) == (
        200,
        "ana@example.org",
    )


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "query=%7B__typename%7D"),
        ("text/plain", json.dumps(ME)),
        (
            "multipart/form-data; boundary=x",
            f'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{json.dumps(ME)}',
        ),
        ("application/graphql", ME["query"]),
        ("", json.dumps(ME)),
    ],
)
def test_row_12_only_json_is_read(db: None, content_type: str, body: str):
    assert refusal(post(body, content_type=content_type)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
@pytest.mark.parametrize(
    "body", [{}, {"query": 5}, ME | {"variables": []}, {"query": None}, ME | {"extensions": 5}]
)
def test_row_13_each_part_is_of_its_kind(db: None, body: dict, accept: str):
    assert refusal(post(body, accept=accept)) == (400, ["BAD_REQUEST"])


def test_row_13_an_operation_that_is_not_there(db: None):
    assert refusal(post(ME | {"operationName": "Nothing"})) == (400, ["OPERATION_NOT_FOUND"])


def test_row_14_two_operations_and_no_name(db: None):
    """In the older media type its status is 200, as GraphQL over HTTP wants it of a request that is well formed."""
    asked = {"query": "query A { viewer { email } } query B { viewer { email } }"}
    assert refusal(post(asked)) == (400, ["OPERATION_NOT_FOUND"])
    assert refusal(post(asked, accept=JSON)) == (200, ["OPERATION_NOT_FOUND"])


@pytest.mark.parametrize("body", ["null", "[]", '""', "5", " "])
def test_row_17_a_body_that_is_no_object(db: None, body: str):
    assert refusal(post(body)) == (400, ["BAD_REQUEST"])


def test_row_17_no_body_ten_megabytes_and_a_bomb(db: None):
    assert refusal(_client.generic("POST", "/graphql", b"", CONTENT_TYPE=JSON)) == (400, ["BAD_REQUEST"])
    assert refusal(post(b"x" * 10_000_000)) == (413, ["TOO_LARGE"])
    bomb = gzip.compress(json.dumps(ME | {"extensions": {"x": "x" * 10_000_000}}).encode())
    packed = _client.generic(
        "POST", "/graphql", bomb, content_type=JSON, headers={"Content-Encoding": "gzip"}
    )
    assert refusal(packed) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    "body",
    [
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "[" * 5_000 + "]" * 5_000,
        '{"query": "{a}", "variables": {"a": ' + "9" * 5_000 + "}}",
        '{"query": "{a}", "variables": {"a": NaN}}',
        '{"query": "{a}", "query": "{b}"}',
        '{"query": "{a}", "variables": {"a": 1, "a": 2}}',
    ],
)
def test_row_18_json_that_is_none(db: None, body: str):
    assert refusal(post(body)) == (400, ["BAD_REQUEST"])


def test_row_19_bytes_that_are_no_utf_8(db: None):
    """The catalogue calls it VALIDATION; it is no JSON (RFC 8259, 8.1), so the request is a bad one."""
    assert refusal(post(b'{"query": "{viewer{email}} # \xff\xfe"}')) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000"])
def test_row_19_what_no_database_keeps(db: None, text: str):
    for body in ('{"query": "{user(handle: \\"%s\\"){id}}"}', '{"query": "{a}", "variables": {"a": ["%s"]}}'):
        assert refusal(post((body % text).encode())) == (400, ["VALIDATION"])


class Endless(RawIOBase):
    """A body that never stops; what is taken of it is counted."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.taken += size
        return b" " * size


def test_row_20_a_body_without_a_length_and_without_end(db: None):
    """It is read to the limit and not further; without a length WSGI has no body at all (PEP 3333)."""
    endless = Endless()
    response = _client.generic(
        "POST", "/graphql", b"x", content_type=JSON, **{"wsgi.input": endless, "CONTENT_LENGTH": "1000000000"}
    )
    assert refusal(response) == (413, ["TOO_LARGE"])
    assert endless.taken <= LARGEST_BODY + 1


@pytest.mark.parametrize("where", ["asgi", "wsgi"])
def test_row_20_chunks_that_never_end(house: House, wsgi_server: Server, where: str):
    """A server that is behind no proxy would be sent 100 MB before it said no, were it to read to an end."""
    server = house.servers[0] if where == "asgi" else wsgi_server
    head = "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n"
    chunk, sent, answer = b"4000\r\n" + b" " * 0x4000 + b"\r\n", 0, b""
    with socket.create_connection(("127.0.0.1", server.port()), timeout=10) as wire:
        wire.sendall(head.encode())
        try:
            while sent < 2 * LARGEST_BODY:
                wire.sendall(chunk)
                sent += 0x4000
            wire.sendall(b"0\r\n\r\n")
            answer = wire.recv(65_536)
        except ConnectionError:
            pass
    assert answer == b"" or answer.split(b" ")[1] in (b"400", b"411", b"413"), answer


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "evil.example"),
        ("Host", "127.0.0.1@evil.example"),
        ("Host", "evil.example, 127.0.0.1"),
        ("Host", ""),
        ("X-Forwarded-Host", "evil.example"),
    ],
)
def test_row_87_another_host_is_a_400_and_a_header_names_none(db: None, settings, name: str, value: str):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    headers = {"Host": "127.0.0.1"} | {name: value}
    response = _client.post("/graphql", ME, content_type=JSON, headers=headers)
    # Nobody reads X-Forwarded-Host: there is nothing for it to forge.
    assert response.status_code == (200 if name == "X-Forwarded-Host" else 400)
    assert b"evil" not in response.content


def test_row_87_addresses_that_somebody_says_he_came_by_are_not_believed(db: None):
    many = ", ".join(["10.0.0.1"] * 500)
    for name in ("X-Forwarded-For", "X_Real_IP", "X-Real-IP", "Forwarded"):
        response = _client.post("/graphql", ME, content_type=JSON, headers={name: many})
        assert (response.status_code, json.loads(response.content)["data"]) == (200, {"viewer": None})


@pytest.mark.parametrize(("where", "statuses"), [("wsgi", (b"400", b"431", b"")), ("asgi", (b"200",))])
def test_row_87_ten_thousand_headers(
    house: House, wsgi_server: Server, where: str, statuses: tuple[bytes, ...]
):
    """granian refuses them. uvicorn has no limit of its own and leaves it to the proxy; they do it no harm."""
    server = house.servers[0] if where == "asgi" else wsgi_server
    body = json.dumps({"query": "{ __typename }"})
    head = "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n" + "X-Again: again\r\n" * 10_000
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    begin = time.monotonic()
    assert raw(server, (head + body).encode()) in statuses
    assert time.monotonic() - begin < 5
    assert raw(server, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") == b"200"


@pytest.mark.parametrize("where", ["asgi", "wsgi"])
@pytest.mark.parametrize("method", ["BREW", "PUT", "DELETE", "PATCH", "TRACE"])
def test_row_88_an_unknown_method(house: House, wsgi_server: Server, where: str, method: str):
    server = house.servers[0] if where == "asgi" else wsgi_server
    head = f"{method} /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
    # What uvicorn's parser does not know as a method is no HTTP to it.
    assert raw(server, head.encode()) in ((b"400", b"405") if method == "BREW" else (b"405",))


@pytest.mark.parametrize("where", ["asgi", "wsgi"])
def test_row_88_a_thousand_requests_at_once_on_one_wire(house: House, wsgi_server: Server, where: str):
    """Slow headers, a byte a second, are the proxy's to end: neither server has a limit of its own (README, Deploy)."""
    server = house.servers[0] if where == "asgi" else wsgi_server
    body = json.dumps({"query": "{ __typename }"})
    one = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    with socket.create_connection(("127.0.0.1", server.port()), timeout=30) as wire:
        answers = b""
        for _ in range(10):
            wire.sendall(one.encode() * 100)
            wanted = answers.count(b'{"data":{"__typename":"Query"}') + 100
            while answers.count(b'{"data":{"__typename":"Query"}') < wanted:
                more = wire.recv(65_536)
                assert more, "it was closed"
                answers += more
    assert answers.count(b"HTTP/1.1 200") == 1_000


def raw(server: Server, request: bytes) -> bytes:
    """The status of the answer to some bytes; nothing where the wire is cut instead."""
    with socket.create_connection(("127.0.0.1", server.port()), timeout=10) as wire:
        try:
            wire.sendall(request)
            return wire.recv(4_096).split(b" ")[1]
        except (ConnectionError, IndexError):
            return b""
