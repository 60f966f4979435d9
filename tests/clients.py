"""People of the house that the tests live beside: they ask by HTTP, as any client would."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from django.utils import timezone
from graphql import parse, print_ast
from graphql.utilities import separate_operations

from backend.accounts.models import Session, User, hash_of, new_token
from schema.ids import from_global_id, to_global_id
from tests.serving import LIVE, Server

_TEXT = (Path(__file__).parent / "live" / "operations.graphql").read_text()
#: The documents of `operations.graphql`, each by the name of its operation.
DOCUMENTS = {name: print_ast(document) for name, document in separate_operations(parse(_TEXT)).items()}

_numbers = itertools.count(1)
# One for all threads, because making one reads all certificates; and no proxy knows this machine's own address.
_http = httpx.Client(trust_env=False, timeout=30, limits=httpx.Limits(max_connections=None))


@dataclass
class Person:
    """Somebody with a token; `id` is the one that clients know."""

    handle: str
    id: str
    token: str

    def ask(self, server: Server, operation: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer; a mutation's variables are the fields of its input. Fails on any error of the request."""
        answer = ask(server, operation, self.token, **variables)
        assert answer.status_code == 200, f"{operation}: {answer.status_code} {answer.text}"
        told = answer.json()
        assert "errors" not in told, f"{operation}: {answer.text}"
        return told["data"]

    def do(self, server: Server, operation: str, **fields: Any) -> dict[str, Any]:
        """The payload of a mutation that succeeds."""
        ((_, payload),) = self.ask(server, operation, input=fields).items()
        assert payload["errors"] == [], f"{operation}: {payload['errors']}"
        return payload

    @property
    def pk(self) -> int:
        return from_global_id(self.id, "User")[1]


def ask(server: Server, operation: str, token: str = "", **variables: Any) -> httpx.Response:
    """One request by HTTP, whatever its answer is."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    asked = {"query": DOCUMENTS[operation], "variables": variables}
    return _http.post(f"{server.http}/graphql", json=asked, headers=headers)


def sign_up(server: Server, name: str) -> Person:
    """Somebody new, through the front door."""
    handle = f"{name}-{next(_numbers)}"
    fields = {"handle": handle, "email": f"{handle}@example.org", "password": "riega-la-huerta"}
    answer = ask(server, "SignUp", input=fields | {"displayName": name.title()})
    payload = answer.json()["data"]["signUp"]
    assert payload["errors"] == [], payload
    return Person(handle, payload["session"]["viewer"]["user"]["id"], payload["session"]["token"])


def people(count: int, **facts: object) -> list[Person]:
    """So many new people who are logged in; written into the house's database, so that no time is spent on hashing."""
    handles = [f"somebody-{next(_numbers)}" for _ in range(count)]
    users = User.objects.using(LIVE).bulk_create(
        User(handle=handle, email=f"{handle}@example.org", display_name=handle, password="!", **facts)
        for handle in handles
    )
    tokens = [new_token() for _ in users]
    Session.objects.using(LIVE).bulk_create(
        Session(user=user, token_hash=hash_of(token), expires_at=timezone.now() + timedelta(days=1))
        for user, token in zip(users, tokens, strict=True)
    )
    return [
        Person(user.handle, to_global_id("User", user.pk), token)
        for user, token in zip(users, tokens, strict=True)
    ]
