"""People of the house that the tests live beside: they ask by HTTP, as any client would."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from django.utils import timezone

from backend.accounts.models import Session, User, hash_of, new_token
from schema.ids import from_global_id, to_global_id
from tests.asking import operations
from tests.serving import LIVE, Server

DESCRIPTION = (
    "We dig the old channel free, from the weir to the last garden, and whoever digs with us waters with us."
)

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
    asked = {"query": operations()[operation], "variables": variables}
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


def launch_project(server: Server, owner: Person) -> str:
    """The id of somebody's new project that has gone the whole way, staff included."""
    (staff,) = people(1, is_staff=True)
    words = {"title": f"Acequia {owner.handle}", "summary": "Water for all.", "description": DESCRIPTION}
    project = owner.do(server, "CreateProject", category="ECOLOGICAL", **words)["project"]["id"]
    owner.do(server, "SubmitProject", projectId=project)
    staff.do(server, "ReviewProject", projectId=project, verdict="APPROVE")
    assert owner.do(server, "LaunchProject", projectId=project)["project"]["status"] == "LIVE"
    return project


def make_board(server: Server, owner: Person) -> str:
    """The id of an empty board of a new project of somebody's."""
    return owner.do(server, "CreateBoard", projectId=launch_project(server, owner), title="Spring")["board"][
        "id"
    ]


def publish_update(server: Server, owner: Person, project: str, title: str) -> str:
    """The id of a new update that its readers see."""
    draft = owner.do(server, "DraftUpdate", projectId=project, title=title, body="It runs.")
    owner.do(server, "PublishUpdate", updateId=draft["update"]["id"])
    return draft["update"]["id"]
