"""Ask the API as a client does: a document over HTTP, through the whole of Django, in the test's own transaction."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone
from graphql import parse, print_ast, separate_operations

from backend.accounts.models import Session, User, hash_of
from schema.ids import to_global_id
from schema.media_types import RESPONSE_JSON
from tests.snapshots import snapshot

#: The documents that our clients send, by domain.
OPERATIONS = Path(__file__).parent / "schema" / "operations"

#: What a test calls itself.
CLIENT = "Tests"

# A client sees a status, not an exception. One for all: each would load every middleware anew.
_client = Client(raise_request_exception=False)


def ask(document: str, viewer: User | None = None, /, **variables: Any) -> dict[str, Any]:
    """The answer to a document, or to the operation of that name in `OPERATIONS`, whatever its status; without its cost."""
    body: dict[str, Any] = {"query": document, "variables": variables}
    if document in operations():
        body = {"query": operations()[document], "operationName": document, "variables": variables}
    return answered(post(body, viewer))


def answered(response: HttpResponse) -> dict[str, Any]:
    """What a response answers, but what it cost; which whatever has data must say."""
    answer: dict[str, Any] = json.loads(response.content)
    if "data" in answer:
        cost = answer.pop("extensions")["cost"]
        assert list(cost) == ["points", "nodes", "mostNodes"]
    return answer


def post(
    body: Any,
    viewer: User | None = None,
    *,
    token: str | None = None,
    content_type: str = "application/json",
    accept: str = RESPONSE_JSON,
) -> HttpResponse:
    """What HTTP answers to a body: an object is sent as JSON, bytes and texts as they are.

    In the newer media type, whose status says whether it was run at all.
    """
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    token = token_of(viewer) if viewer else token
    headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
    return _client.generic("POST", "/graphql", body, content_type=content_type, headers=headers)


def token_of(person: User) -> str:
    """A token that is logged in as a person: one session each, made when it is first needed."""
    token = f"acequia_token-of-{person.handle}"
    Session.objects.get_or_create(
        token_hash=hash_of(token),
        defaults={"user": person, "expires_at": timezone.now() + timedelta(days=30), "user_agent": CLIENT},
    )
    return token


def spelled(moment: datetime) -> str:
    """A moment as answers spell it: ISO 8601 in UTC, without the zeros at the end of a fraction."""
    whole, dot, fraction = moment.astimezone(UTC).replace(tzinfo=None).isoformat().partition(".")
    return f"{whole}{dot}{fraction.rstrip('0')}+00:00"


def id_of(row: Any) -> str:
    """The global id of a row."""
    return to_global_id(getattr(row, "kind_of_node", type(row).__name__), row.pk)


@cache
def operations() -> dict[str, str]:
    """Each operation of our clients, by its name, with the fragments that it uses and no others."""
    found: dict[str, str] = {}
    for path in sorted(OPERATIONS.glob("*.graphql")):
        for name, document in separate_operations(parse(path.read_text())).items():
            if name in found:
                raise ValueError(f"two operations are called {name}")
            found[name] = print_ast(document)
    return found


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that runs inside, filled in at its end; transactions and savepoints are not told.

    Operations have no deadline there: on a machine that is busy for half a second they would run statements to keep it.
    """
    said: list[str] = []
    with override_settings(OPERATION_SECONDS=0), CaptureQueriesContext(connection) as captured:
        yield said
    framing = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    said.extend(each["sql"] for each in captured if not each["sql"].startswith(framing))


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes is taken back at its end."""
    # Not an atomic block: actions refuse to run inside one that is not the test's own.
    place = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(place)


def problems(answer: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Why the one mutation of a document was not done: code and field; nothing if it was."""
    ((_, payload),) = answer["data"].items()
    return [(error["code"], error["field"]) for error in payload["errors"]]


@contextmanager
def untouched() -> Iterator[None]:
    """The block writes nothing, but the sessions of the tests themselves."""
    before = _all_rows()
    yield
    assert _all_rows() == before


def _all_rows() -> set[tuple[str, str]]:
    return {row for row in snapshot() if f'"user_agent": "{CLIENT}"' not in row[1]}
