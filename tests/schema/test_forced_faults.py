"""A thousand faults at random points on a request's way, and not one of them tells a client what it knows (Q7)."""

import json
import logging
import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django import db
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from redis.exceptions import BusyLoadingError, ReadOnlyError
from redis.exceptions import ConnectionError as RedisAway

from schema import errors, execution
from social.notifications.models import Notification
from tests.asking import id_of, operations, post, undone
from tests.cast import Cast

FAULTS = int(os.environ.get("EXAMPLES", "1000"))

#: What no answer may hold; each fault says all of it.
SECRETS = (
    "SELECT",
    "accounts_user",
    "/srv/acequia",
    "db-7.internal",
    "10.11.12.13",
    "Traceback",
    ".py",
    "mila@",
)
SAYS = (
    'Traceback (most recent call last):\n  File "/srv/acequia/backend/models.py", line 7\n'
    "connection to server at db-7.internal (10.11.12.13) failed: SELECT password FROM accounts_user WHERE email ="
    " 'mila@example.net'"
)


def of_postgresql(state: str) -> Exception:
    """An error as Django raises PostgreSQL's."""
    raised: type[psycopg.Error] = psycopg.errors.lookup(state)
    kinds = ((psycopg.OperationalError, db.OperationalError), (psycopg.IntegrityError, db.IntegrityError))
    kind = next((ours for theirs, ours in kinds if issubclass(raised, theirs)), db.DatabaseError)
    error = kind(SAYS)
    error.__cause__ = raised(SAYS)
    return error


#: PostgreSQL's codes, by what a client is told of them.
STATES = {
    "TIMEOUT": ["57014", "55P03", "25P03"],
    "UNAVAILABLE": [
        *("08000", "08003", "08006", "57P01", "57P02", "57P03", "53000", "53100", "53200", "53300", "25006"),
        *("40001", "40P01", "58030"),
    ],
    "INTERNAL": [
        "22012",
        "22P02",
        "23502",
        "23505",
        "23514",
        "42601",
        "42P01",
        "42501",
        "XX000",
        "25P02",
        "54001",
    ],
}
KINDS: list[tuple[str, Any]] = [
    *(
        (code, lambda state=state: of_postgresql(state))
        for code, states in STATES.items()
        for state in states
    ),
    ("UNAVAILABLE", lambda: db.OperationalError(SAYS)),
    ("UNAVAILABLE", lambda: db.InterfaceError(SAYS)),
    ("UNAVAILABLE", lambda: psycopg.OperationalError(SAYS)),
    ("UNAVAILABLE", lambda: RedisAway(SAYS)),
    ("UNAVAILABLE", lambda: ReadOnlyError(SAYS)),
    ("UNAVAILABLE", lambda: BusyLoadingError(SAYS)),
    *(
        ("INTERNAL", lambda kind=kind: kind(SAYS))
        for kind in (RuntimeError, KeyError, ValueError, AssertionError, AttributeError, TypeError, Exception)
    ),
    *(("INTERNAL", lambda kind=kind: kind(SAYS)) for kind in (MemoryError, ArithmeticError, StopIteration)),
    ("INTERNAL", lambda: FileNotFoundError(2, SAYS, "/srv/acequia/secrets.toml")),
    ("INTERNAL", lambda: ConnectionRefusedError(111, SAYS)),
    ("INTERNAL", lambda: UnicodeDecodeError("utf-8", SAYS.encode(), 0, 1, SAYS)),
    ("INTERNAL", lambda: json.JSONDecodeError(SAYS, SAYS, 0)),
]
#: Where it happens: before anything is answered, or while a root field is.
BEFORE = [
    "schema.questions.session_of",
    "schema.questions.prepare",
    "schema.questions.run",
    "schema.exchanges.encode",
]
WITHIN = [
    "schema.execution.asked_of",
    "schema.execution.kept_plan",
    "schema.execution.source_of",
    "schema.execution.get_argument_values",
    "schema.execution.HandedRow",
    "schema.execution.Plan",
    "schema.planner.plans.statement_of_value",
    "schema.planner.plans._finish",
    "schema.planner.statements._fetch",
    "backend.boards.claims.record",
    "social.follows.actions.record",
    "realtime.presence.present",
]
#: What is called only while a plan is made, which is kept from the first time on.
MAKING = ("asked_of", "Plan", "statement_of_value")


@dataclass
class World:
    """What is asked, by whom."""

    cast: Cast
    board: str
    notification: str

    def questions(self) -> list[dict[str, Any]]:
        """Reads of each kind, finishing steps, presence, and writes."""
        by_name = {
            "ClaimTask": {"input": {"taskId": id_of(self.cast.task)}},
            "Follow": {"input": {"targetId": id_of(self.cast.bo)}},
            "ProjectPage": {"slug": self.cast.project.slug},
            "Me": {},
        }
        asked = [{"query": operations()[name], "variables": its} for name, its in by_name.items()]
        node = "query($id: ID!) { node(id: $id) { ... on Notification { text } ... on Board { present { handle } } } }"
        asked += [{"query": node, "variables": {"id": each}} for each in (self.board, self.notification)]
        return [
            *asked,
            {"query": "{ projects(first: 2) { edges { cursor node { title owner { handle } } } } }"},
        ]


@pytest.fixture
def world(cast: Cast, settings) -> World:
    settings.RATE_LIMITS = 0  # A thousand requests of one person would be too many.
    told = {"kind": "COMMENT", "subject_project": cast.project, "occurred_at": timezone.now(), "seq": 1}
    return World(cast, id_of(cast.board), id_of(Notification.objects.create(user=cast.cy, **told)))


@contextmanager
def breaking(monkeypatch: pytest.MonkeyPatch, point: str, error: Exception) -> Iterator[list[int]]:
    """The first call of it inside raises; how often that was."""
    module, _, name = point.rpartition(".")
    owner, hits = import_module(module), []
    whole = getattr(owner, name)

    def broken(*given: Any, **named: Any) -> Any:
        if not hits:
            hits.append(1)
            raise error
        return whole(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, broken)
        if name in MAKING:
            patch.setattr(execution, "_plans", {})
        yield hits


def leaks(response: HttpResponse) -> list[str]:
    """What of the secrets is in an answer, its headers among it."""
    whole = response.content.decode() + repr(response.headers)
    return [secret for secret in SECRETS if secret in whole]


def sound(response: HttpResponse, code: str) -> None:
    """An answer says a code, a sentence of ours, the request's id and where it was asked, and nothing else."""
    assert response.status_code in ({"INTERNAL": 500}.get(code, 503), 200)
    assert (response.status_code == 503) == ("Retry-After" in response.headers)
    answer = json.loads(response.content)
    assert set(answer.pop("extensions", {})) <= {"cost"}
    assert set(answer) <= {"data", "errors"} and ("data" in answer) == (response.status_code == 200)
    (error,) = answer["errors"]
    assert set(error) <= {"message", "locations", "path", "extensions"}
    assert error["message"] == errors._WORDS[code]
    assert error["extensions"] == {"code": code, "requestId": response["X-Request-Id"]}


def test_a_thousand_faults_tell_nothing(world: World, monkeypatch: pytest.MonkeyPatch, caplog):
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
    chance, reached, met = random.Random(seed), 0, set()  # noqa: S311
    while reached < FAULTS:
        code, make = chance.choice(KINDS)
        point = chance.choice(BEFORE + WITHIN * 2)
        asked = chance.choice(world.questions())
        caplog.clear()
        with undone(), breaking(monkeypatch, point, make()) as hits:
            response = post(asked, world.cast.cy)
        if not hits:
            continue
        reached += 1
        met.add(point)
        where = f"seed {seed}, fault {reached}: {code} at {point}"
        assert leaks(response) == [], where
        sound(response, code)
        lines = [line for line in caplog.records if response["X-Request-Id"] in line.getMessage()]
        level = logging.WARNING if code == "UNAVAILABLE" else logging.ERROR
        assert [(line.name, line.levelno) for line in lines] == [("acequia.graphql", level)], where
    assert met == {*BEFORE, *WITHIN}, f"seed {seed}"


def test_a_leak_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch):
    """A control: a door that repeats what it caught."""

    def repeats(cause: Exception, path: Any = None) -> dict[str, Any]:
        return {"message": str(cause), "extensions": {"code": "INTERNAL"}}

    monkeypatch.setattr("schema.exchanges.failed", repeats)
    monkeypatch.setattr(errors, "failed", repeats)
    for point in ("schema.questions.prepare", "schema.planner.statements._fetch"):
        with breaking(monkeypatch, point, RuntimeError(SAYS)):
            response = post({"query": "{ viewer { email } }"})
        assert set(leaks(response)) == set(SECRETS)
        with pytest.raises(AssertionError):
            sound(response, "INTERNAL")


@pytest.mark.parametrize("code", STATES)
def test_what_postgresql_says_is_told_by_what_may_be_done_about_it(code: str):
    for state in STATES[code]:
        assert (
            errors.code_of(of_postgresql(state)) == errors.code_of(psycopg.errors.lookup(state)()) == code
        ), state


def test_whose_session_cannot_be_looked_up_is_asked_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    with breaking(monkeypatch, "schema.questions.session_of", of_postgresql("53300")):
        response = post({"query": "{ viewer { email } }"}, world.cast.cy)
    assert (response.status_code, response["Retry-After"]) == (503, str(errors.RETRY_AFTER))
    sound(response, "UNAVAILABLE")


def test_a_page_that_fails_tells_nothing_either(db: None, monkeypatch: pytest.MonkeyPatch, caplog):
    def fails(*_: Any) -> None:
        raise RuntimeError(SAYS)

    monkeypatch.setattr("config.health.connection", property(fails))
    monkeypatch.setattr("config.health._database", fails)
    response = Client(raise_request_exception=False).get("/readyz")
    assert response.status_code == 500 and leaks(response) == []
    assert re.fullmatch("[0-9a-f]{32}", response["X-Request-Id"])
