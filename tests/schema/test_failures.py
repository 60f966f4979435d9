"""A bug of ours is masked for the client, loud in the log, and leaves the rest of the house standing."""

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from backend.boards import claims
from backend.boards.models import Claim, Task
from schema import execution
from schema.member.schema import schema
from schema.planner.compiler import SOURCE, Asked, Row, Source
from schema.planner.finishing import Finished
from schema.planner.rendering import Sql
from schema.planner.sources import Computed
from social.notifications.models import Notification
from tests.asking import ask, id_of, post, statements, undone, untouched
from tests.cast import Cast

MASKED = "Something went wrong here, and it is written down."
TOO_LONG = "It took too long, and nothing was done. Ask for less, or try again later."
SECRET = "SELECT password FROM /srv/acequia/accounts_user -- ana@example.org"


@pytest.fixture
def break_field(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Source], None]:
    """Let a field of the schema live where something has a bug."""

    def break_it(path: str, source: Source) -> None:
        kind, field = path.split(".")
        declared = schema._schema.type_map[kind].fields[field].extensions["strawberry-definition"]
        monkeypatch.setattr(declared, "metadata", {SOURCE: source})
        # Plans that were made before are of the field as it was.
        monkeypatch.setattr(execution, "_plans", {})

    return break_it


class Broken:
    """A declaration that cannot be compiled."""

    def compile(self, asked: Asked, row: Row) -> Any:
        raise RuntimeError(SECRET)


#: What only the database finds out, while the statement runs.
DIVIDED = Computed(lambda viewer: Sql("(SELECT 1 / (SELECT 0))::text"))
SLOW = Computed(lambda viewer: Sql("(SELECT pg_sleep(20))::text"))


def fails(*_: Any, **__: Any) -> Any:
    raise RuntimeError(SECRET)


def masked(
    error: dict[str, Any],
    path: list[Any],
    caplog: pytest.LogCaptureFixture,
    code: str = "INTERNAL",
    message: str = MASKED,
) -> None:
    """An error says nothing but where, and the number under which the log tells what; it is there once."""
    assert set(error) == {"message", "locations", "path", "extensions"}
    assert (error["message"], error["path"]) == (message, path)
    assert set(error["extensions"]) == {"code", "requestId"}
    assert error["extensions"]["code"] == code
    assert re.fullmatch("[0-9a-f]{32}", error["extensions"]["requestId"])
    words = f"request {error['extensions']['requestId']} failed at {path}"
    told = [record for record in caplog.records if record.getMessage() == words]
    assert [(record.name, record.levelno) for record in told] == [("acequia.graphql", logging.ERROR)]


def test_a_bug_in_a_field_is_masked_and_the_rest_is_answered(cast: Cast, break_field, caplog):
    break_field("User.location", Broken())

    response = post(
        {"query": '{ viewer { email user { handle } } user(handle: "bo") { location } }'}, cast.ana
    )

    answer = json.loads(response.content)
    assert response.status_code == 200
    assert answer["data"] == {"viewer": {"email": "ana@example.org", "user": {"handle": "ana"}}, "user": None}
    (error,) = answer["errors"]
    masked(error, ["user"], caplog)
    assert [record.exc_info[1].args for record in caplog.records] == [(SECRET,)]
    for leak in ("SELECT", "srv", "RuntimeError", "Traceback", ".py", "example.com"):
        assert leak not in json.dumps(error)


def test_each_bug_of_a_request_has_its_number_and_a_line_of_its_own(cast: Cast, break_field, caplog):
    break_field("User.location", Broken())
    answer = ask('{ a: user(handle: "bo") { location } b: user(handle: "cy") { location } }')

    for error, alias in zip(answer["errors"], "ab", strict=True):
        masked(error, [alias], caplog)
    assert len({error["extensions"]["requestId"] for error in answer["errors"]}) == 1
    assert len(caplog.records) == 2


def test_what_a_statement_fails_at_is_masked_too(cast: Cast, break_field, caplog):
    break_field("User.location", DIVIDED)
    with undone():
        answer = ask('{ viewer { email } user(handle: "bo") { location } }', cast.ana)

    (error,) = answer["errors"]
    masked(error, ["user"], caplog)
    assert answer["data"] == {"viewer": {"email": "ana@example.org"}, "user": None}
    assert "zero" not in json.dumps(answer)
    assert isinstance(caplog.records[0].exc_info[1], DatabaseError)


def test_a_bug_in_a_finishing_step_is_masked_too(cast: Cast, break_field, caplog):
    row = Notification.objects.create(
        user=cast.ana, kind="COMMENT", subject_project=cast.project, occurred_at=timezone.now(), seq=1
    )
    break_field("Notification.text", Finished(dict, fails))
    answer = ask(
        "query($id: ID!) { node(id: $id) { ... on Notification { text } } }", cast.ana, id=id_of(row)
    )

    (error,) = answer["errors"]
    masked(error, ["node"], caplog)


def test_a_bug_in_an_action_is_masked_and_leaves_nothing(cast: Cast, monkeypatch, caplog):
    """Also when half of it was written already."""
    monkeypatch.setattr(claims, "record", fails)

    with untouched():
        answer = ask("ClaimTask", cast.cy, input={"taskId": id_of(cast.task)})

    (error,) = answer["errors"]
    masked(error, ["claimTask"], caplog)
    assert answer["data"] is None


def test_what_only_the_database_refuses_is_masked_too(cast: Cast, monkeypatch, caplog):
    """An action that forgot to ask: the constraint holds, and its name and table stay in the log."""

    def overbook(**_: Any) -> Any:
        with transaction.atomic():
            Task.objects.filter(pk=cast.task.pk).update(claimed_count=7)

    monkeypatch.setattr(claims, "claim_task", overbook)
    answer = ask("ClaimTask", cast.cy, input={"taskId": id_of(cast.task)})

    masked(answer["errors"][0], ["claimTask"], caplog)
    assert "constraint" in str(caplog.records[0].exc_info[1])
    assert "never_overbooked" not in json.dumps(answer)


def test_what_runs_too_long_is_stopped(cast: Cast, break_field, caplog):
    break_field("User.location", SLOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
    start = time.monotonic()
    with undone():
        answer = ask('{ user(handle: "bo") { location } }')

    assert time.monotonic() - start < 5
    masked(answer["errors"][0], ["user"], caplog, "TIMEOUT", TOO_LONG)


def test_the_database_is_told_to_wait_for_nobody_for_long(db: None):
    with connection.cursor() as cursor:
        for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute("SELECT setting::int FROM pg_settings WHERE name = %s", [setting])
            assert 0 < cursor.fetchone()[0] <= 10_000, setting


def test_a_lock_that_somebody_keeps_is_a_failure_and_no_waiting_room(racing_cast: Cast, caplog):
    """Somebody keeps the task's row; whoever claims it meanwhile hears so, and can claim it afterwards."""
    locked, asked = threading.Event(), threading.Event()

    def keep() -> None:
        try:
            with transaction.atomic():
                Task.objects.select_for_update().get(pk=racing_cast.task.pk)
                locked.set()
                asked.wait(timeout=20)
        finally:
            connection.close()

    keeper = threading.Thread(target=keep)
    keeper.start()
    assert locked.wait(timeout=20)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        start = time.monotonic()
        answer = ask("ClaimTask", racing_cast.cy, input={"taskId": id_of(racing_cast.task)})
        took = time.monotonic() - start
    finally:
        asked.set()
        keeper.join()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")

    assert took < 5
    masked(answer["errors"][0], ["claimTask"], caplog, "TIMEOUT", TOO_LONG)
    assert isinstance(caplog.records[0].exc_info[1], DatabaseError)
    assert not Claim.objects.exists()
    again = ask("ClaimTask", racing_cast.cy, input={"taskId": id_of(racing_cast.task)})
    assert again["data"]["claimTask"]["errors"] == []


def test_what_fails_is_not_asked_twice(cast: Cast, break_field):
    break_field("User.location", DIVIDED)
    with undone(), statements() as said:
        ask('{ user(handle: "bo") { location } }')
    assert len(said) == 1


def test_a_refusal_is_no_failure(cast: Cast, caplog):
    assert ask('{ user(handle: "nobody") { id } }')["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
    assert (
        ask("ClaimTask", input={"taskId": "x"})["data"]["claimTask"]["errors"][0]["code"] == "UNAUTHENTICATED"
    )
    assert ask("{ nothing }")["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


#: Documents that hold, and whose variables do not: only while they run can graphql-core say so.
NULLS = {
    'query($v: ID = "x") { node(id: $v) { id } }': ["node"],
    "query($v: Boolean = true) { viewer { email @skip(if: $v) } }": ["viewer"],
    "query($v: Boolean = true) { viewer { email @include(if: $v) } }": ["viewer"],
    'mutation($v: FollowInput = {targetId: "x"}) { follow(input: $v) { errors { code } } }': ["follow"],
    'query($v: String = "x") { project(slug: $v) { id } }': ["project"],
}


@pytest.mark.parametrize(("query", "path"), NULLS.items())
def test_a_null_for_what_has_a_default_is_the_clients_mistake(
    cast: Cast, caplog, query: str, path: list[str]
):
    (error,) = ask(query, cast.ana, v=None)["errors"]
    assert (error["path"], error["extensions"]) == (path, {"code": "VALIDATION"})
    assert "must not be null" in error["message"]
    assert caplog.records == []


@pytest.mark.parametrize(
    ("selected", "code"),
    [
        ("claimants { followers(first: 0) { totalCount } }", "VALIDATION"),
        ("claimants { followers(first: $n) { totalCount } }", "VALIDATION"),
        ('claimants { followers(after: "garbage") { totalCount } }', "BAD_CURSOR"),
        (
            "comments(first: 100) { edges { node { replies(first: 100) { edges { node { replies(first: 100) {"
            " totalCount } } } } } } }",
            "QUERY_TOO_COMPLEX",
        ),
        (" ".join(f"a{n}: board {{ id }}" for n in range(130)), "QUERY_TOO_COMPLEX"),
    ],
)
def test_what_is_asked_of_an_answer_is_refused_before_anything_is_done(cast: Cast, selected: str, code: str):
    declared = "$input: ClaimTaskInput!" + (", $n: Int" if "$n" in selected else "")
    query = (
        f"mutation({declared}) {{ claimTask(input: $input) {{ task {{ {selected} }} errors {{ code }} }} }}"
    )
    with untouched():
        answer = ask(query, cast.cy, input={"taskId": id_of(cast.task)}, n=101)

    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert answer.get("data") is None
