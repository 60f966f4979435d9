"""A thousand secrets in all that clients send, and not one of them in what the servers of production write (U3)."""

import itertools
import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from schema.cookies import COOKIE
from tests.clients import people
from tests.conformance.doors import BEHIND_A_PROXY, PRODUCTION
from tests.serving import House, Server

PLANTED = 1_000
APP = PRODUCTION["ALLOWED_ORIGINS"]


class Canaries:
    """Words that nobody else says."""

    def __init__(self) -> None:
        self.planted: list[str] = []

    def __str__(self) -> str:
        """One more."""
        self.planted.append(f"canary{len(self.planted)}x{secrets.token_hex(6)}")
        return self.planted[-1]

    def in_(self, text: str) -> list[str]:
        """Which of them are there."""
        return [each for each in self.planted if each in text]


def requests(canary: Canaries) -> Iterator[dict[str, Any]]:
    """Requests of every kind, one after the other and for ever, each with secrets in all of its parts."""
    for number in itertools.count():
        given = {"email": f"{canary}@example.net", "password": f"{canary}"}
        headers = BEHIND_A_PROXY | {
            "User-Agent": f"{canary}",
            "Referer": f"https://example.net/{canary}",
            "X-Forwarded-For": f"{canary}",
            "X-Request-Id": f"{canary}",
            "Acequia-Session": f"{canary}" if number % 7 == 0 else "cookie",
            "Origin": APP if number % 2 else f"https://{canary}.example.net",
            "Accept": f"application/json, text/{canary}",
        }
        token = {"Authorization": f"Bearer {canary}"}
        cookie = {"Cookie": f"{COOKIE}={canary}; theme={canary}"}
        log_in = (
            "mutation In($input: LogInInput!) { logIn(input: $input) { session { token } errors { code } } }"
        )
        if number % 3 == 0:  # Each is a password that is hashed.
            yield {"json": {"query": log_in, "variables": {"input": given}}, "headers": headers}
        yield {"json": {"query": f"{{ viewer {{ email }} }} # {canary}"}, "headers": headers | token}
        yield {"json": {"query": f"{{ viewer {{ {canary}: email }} }}"}, "headers": headers | cookie}
        yield {"json": {"query": f'{{ user(handle: "{canary}") {{ {canary} }} }}'}, "headers": BEHIND_A_PROXY}
        yield {"json": {"query": "query Q { a }", "operationName": f"{canary}"}, "headers": BEHIND_A_PROXY}
        yield {"content": f"{canary}", "headers": BEHIND_A_PROXY | {"Content-Type": f"text/{canary}"}}
        by_get = {"query": f'{{ user(handle: "{canary}") {{ id }} }}', "variables": f'{{"a": "{canary}"}}'}
        yield {"method": "GET", "params": by_get, "headers": BEHIND_A_PROXY | token}
        yield {"method": "GET", "params": by_get, "headers": headers | cookie}
        yield {"method": f"{canary}".upper(), "headers": BEHIND_A_PROXY}
        yield {"method": "GET", "path": f"/{canary}", "params": {"q": f"{canary}"}, "headers": headers}
        yield {"method": "GET", "path": f"/admin/accounts/user/{canary}/", "headers": headers}
        yield {
            "method": "GET",
            "path": "/healthz",
            "headers": BEHIND_A_PROXY | {"Host": f"{canary}.example.net"},
        }
        yield {
            "path": "/admin/login/",
            "data": {"username": f"{canary}", "password": f"{canary}"},
            "headers": headers,
        }
        asked = {
            "client_id": f"{canary}",
            "state": f"{canary}",
            "redirect_uri": f"https://{canary}.example.net",
        }
        yield {"method": "GET", "path": "/oauth/authorize", "params": asked, "headers": headers}
        given = {"grant_type": "refresh_token", "refresh_token": f"{canary}", "client_secret": f"{canary}"}
        yield {"path": "/oauth/token", "data": given, "headers": BEHIND_A_PROXY}
        yield {"path": "/graphql/stream", "json": {"query": f"{{ {canary} }}"}, "headers": headers}


def plant(server: Server) -> Canaries:
    """Send requests until a thousand secrets are planted."""
    canary = Canaries()
    with httpx.Client(trust_env=False, timeout=30) as client:
        for more in requests(canary):
            asked = dict(more)
            method, path = asked.pop("method", "POST"), asked.pop("path", "/graphql")
            client.request(method, f"{server.http}{path}", **asked)
            if len(canary.planted) >= PLANTED:
                return canary
    raise AssertionError


def seen(server: Server, since: int) -> list[dict[str, Any]]:
    """The lines about requests, each of which is JSON."""
    return [json.loads(line) for line in server.said(since).splitlines() if '"acequia.request"' in line]


def is_heard(server: Server, since: int) -> None:
    """A control: what is to be written is, and so would the rest be found."""
    asked = {"query": "query HeardOf { __typename }"}
    httpx.post(f"{server.http}/graphql", json=asked, headers=BEHIND_A_PROXY, trust_env=False)
    assert seen(server, since)[-1]["operation"] == "HeardOf"
    assert len(seen(server, since)) >= 200


def test_the_wsgi_server_writes_nothing_of_it(house: House, server_of_production: Server):
    since = len(server_of_production.said())
    canary = plant(server_of_production)
    is_heard(server_of_production, since)
    assert canary.in_(server_of_production.said()) == []


def test_the_asgi_server_writes_nothing_of_it(house: House):
    # As somebody starts it who has not read that access logs are better left off.
    with house.one_more_server("--access-log", **PRODUCTION) as server:
        canary = plant(server)
        for number in range(20):
            address = f"{server.ws}?token={canary}"
            origin = APP if number % 2 else f"https://{canary}.example.net"
            headers = {"Cookie": f"{COOKIE}={canary}", "X-Forwarded-Proto": "https"}
            with (
                suppress(InvalidStatus),
                connect(
                    address, origin=origin, subprotocols=["graphql-transport-ws"], additional_headers=headers
                ) as ws,
            ):
                ws.send(
                    json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {canary}"}})
                )
                with pytest.raises(Exception):  # noqa: B017  # It is closed, in one way or another.
                    ws.recv(timeout=5)
                    ws.recv(timeout=5)
        is_heard(server, 0)
        assert canary.in_(server.said()) == []


def test_who_is_let_in_is_not_written_either(house: House, server_of_production: Server):
    (person,) = people(1)
    since = len(server_of_production.said())
    headers = BEHIND_A_PROXY | {"Authorization": f"Bearer {person.token}"}
    asked = {"query": "query Me { viewer { email user { handle } } }"}
    told = httpx.post(f"{server_of_production.http}/graphql", json=asked, headers=headers, trust_env=False)
    assert told.json()["data"]["viewer"]["user"]["handle"] == person.handle

    text = server_of_production.said(since)
    (line,) = seen(server_of_production, since)
    assert set(line) == {
        *("event", "level", "at", "logger", "request_id"),
        *("method", "operation", "kind", "status", "codes", "cost", "ms"),
    }
    assert [
        word for word in (person.token, person.handle, person.id, "127.0.0.1", "httpx") if word in text
    ] == []
