"""What fails ends the subscriptions that it fails for, with the reason; a database that is away ends none."""

import json
import logging
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from psycopg import errors

from backend.boards.models import Task
from schema import cursors, tellings
from schema.planner.plans import PlanForEach
from schema.planner.slots import Run
from schema.tellings import Telling
from social.comments.models import Comment
from tests.asking import ask, id_of, statements
from tests.cast import Cast, make_cast, task
from tests.schema.telling import asker_of, claimed, happened, on, on_task, telling_of, told


def end_of(telling: Telling, cast: Cast) -> dict[str, Any]:
    """The one error that ends a subscription of nobody's."""
    said = telling.of(happened(cast.task), [None])[None]
    assert said.is_last
    (error,) = json.loads(said.text)
    return error


@pytest.mark.parametrize(
    ("selection", "code", "field"),
    [
        ("comments(first: 1000) { totalCount }", "VALIDATION", "first"),
        ("comments(first: 0) { totalCount }", "VALIDATION", "first"),
        ('comments(after: "garbage") { totalCount }', "BAD_CURSOR", None),
        (
            f'comments(after: "{cursors.encode("Board.tasks:1", 1.0, 1)}") {{ totalCount }}',
            "BAD_CURSOR",
            None,
        ),
        (
            "board { tasks(first: 100) { edges { node { comments(first: 100) { edges { node { id } } } } } } }",
            "QUERY_TOO_COMPLEX",
            None,
        ),
    ],
)
def test_what_is_refused_of_a_selection_ends_it_and_costs_no_statement(
    cast: Cast, selection: str, code: str, field: str | None
):
    askers = [None, asker_of(cast.cy), asker_of(cast.sol), asker_of(cast.bo)]
    refused, event = telling_of(on_task(selection), **on(cast.task)), happened(cast.task)
    with statements() as ran:
        assert told(refused, event, askers) == [[code]] * 4
    assert ran == []

    extensions = {"code": code} | ({"field": field} if field else {})
    error = end_of(refused, cast)
    assert (error["path"], error["extensions"]) == (["boardEvents"], extensions)
    assert error["locations"] == [{"line": 1, "column": 31}]
    # What others select is no worse for it.
    sound = telling_of(on_task("title"), **on(cast.task))
    assert told(sound, event, [None]) == [{"boardEvents": {"task": {"title": "Paint the gate"}}}]


def test_it_is_told_where_the_document_says_that_it_is(cast: Cast):
    document = (
        "subscription($b: ID!) { it: boardEvents(boardId: $b)"
        " { ... on TaskEdited { task { comments(first: 0) { totalCount } } } } }"
    )
    assert end_of(telling_of(document, b=id_of(cast.board)), cast)["path"] == ["it"]


def test_what_is_refused_of_one_event_is_not_refused_of_another(cast: Cast):
    telling = telling_of(on_task("comments(first: 0) { totalCount }"), **on(cast.task))
    moved = happened(cast.task, "TaskMoved")
    assert told(telling, moved, [None]) == [{"boardEvents": {}}]


@pytest.fixture
def others_cursor(cast: Cast) -> str:
    """A cursor of the comments of another task."""
    other = task(cast.board, "Prune")
    Comment.objects.create(task=other, author=cast.ana, body="a", body_html="a")
    page = "query($id: ID!) { node(id: $id) { ... on Task { comments { pageInfo { endCursor } } } } }"
    cursor: str = ask(page, id=id_of(other))["data"]["node"]["comments"]["pageInfo"]["endCursor"]
    return cursor


def test_a_cursor_of_another_row_ends_only_those_who_are_shown_the_row(cast: Cast, others_cursor: str):
    """Cy has a claim, and so a list that it is not of; Bo has none, and is told what he is told alone."""
    claimed(cast.task, cast.cy)
    selection = "viewerClaim { task { comments(after: $after) { totalCount } } }"
    telling = telling_of(on_task(selection, ", $after: String"), after=others_cursor, **on(cast.task))
    askers = [asker_of(each) for each in (cast.bo, cast.cy, cast.ana, None, cast.sol)]
    nothing = {"boardEvents": {"task": {"viewerClaim": None}}}

    assert told(telling, happened(cast.task), askers) == [nothing, ["BAD_CURSOR"], nothing, nothing, nothing]


def test_a_cursor_of_another_row_ends_all_who_are_shown_the_row(cast: Cast, others_cursor: str):
    telling = telling_of(
        on_task("comments(after: $after) { totalCount }", ", $after: String"),
        after=others_cursor,
        **on(cast.task),
    )
    askers = [None, asker_of(cast.cy), asker_of(cast.sol)]
    assert told(telling, happened(cast.task), askers) == [["BAD_CURSOR"]] * 3


def test_a_bug_is_told_by_the_id_that_it_has_in_the_log(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(tellings.PlanForEach, "answers", lambda self, run: [1 // 0])
    with caplog.at_level(logging.ERROR, "acequia.graphql"):
        error = end_of(telling_of(on_task("title"), **on(cast.task)), cast)

    request_id = error["extensions"]["requestId"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": request_id} and len(request_id) == 32
    assert error["path"] == ["boardEvents"] and "zero" not in json.dumps(error)
    (record,) = caplog.records
    assert request_id in record.getMessage() and record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


def test_a_bug_that_is_met_for_one_kind_of_people_ends_nobody_elses(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """And is written down once, however many they are."""
    right = PlanForEach.answers

    def answers(self: PlanForEach, run: Run) -> Any:
        return right(self, run) if run.askers[0] is None or run.askers[0].is_staff else 1 // 0

    monkeypatch.setattr(PlanForEach, "answers", answers)
    askers = [asker_of(cast.cy), None, asker_of(cast.sol), asker_of(cast.bo)]
    telling = telling_of(on_task("viewerCan project { title }"), **on(cast.task))
    cys, nobodys, sols, bos = told(telling, happened(cast.task), askers)

    assert cys == bos == ["INTERNAL"]
    project = {"title": cast.project.title}
    assert nobodys["boardEvents"]["task"]["project"] == sols["boardEvents"]["task"]["project"] == project
    assert len([each for each in caplog.records if each.name == "acequia.graphql"]) == 1


def because(state: type[errors.Error] | None) -> OperationalError:
    """What Django raises for an error of PostgreSQL's; without one, for what libpq says."""
    error = OperationalError("it did not work")
    error.__cause__ = state() if state else None
    return error


@pytest.mark.parametrize(
    "error",
    [
        because(None),
        because(errors.lookup("57P01")),
        because(errors.lookup("08006")),
        because(errors.lookup("53300")),
        InterfaceError("the connection is closed"),
    ],
    ids=["lost", "57P01", "08006", "53300", "closed"],
)
def test_a_database_that_is_away_is_not_told(cast: Cast, monkeypatch: pytest.MonkeyPatch, error: Exception):
    """Nobody's subscription ends, and whoever tells tries again."""

    def away(self: PlanForEach, run: Run) -> Any:
        raise error

    monkeypatch.setattr(PlanForEach, "answers", away)
    with pytest.raises(type(error)) as raised:
        told(telling_of(on_task("title"), **on(cast.task)), happened(cast.task), [None, asker_of(cast.cy)])
    assert raised.value is error


def test_a_connection_that_is_cut_is_not_told(transactional_db: None):
    cast = make_cast()
    telling, event = telling_of(on_task("title"), **on(cast.task)), happened(cast.task)
    try:
        with pytest.raises(OperationalError), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                (pid,) = cursor.fetchone()
            _end(pid)
            told(telling, event, [None])
        # And on the next one it is told.
        assert told(telling, event, [None]) == [{"boardEvents": {"task": {"title": "Paint the gate"}}}]
    finally:
        connection.close()


def test_a_statement_that_takes_too_long_ends_what_it_was_for(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """It would take as long each time, so nobody waits for the next."""
    right = PlanForEach.answers

    def slow(self: PlanForEach, run: Run) -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20")
            cursor.execute("SELECT pg_sleep(2)")
        return right(self, run)

    monkeypatch.setattr(PlanForEach, "answers", slow)
    telling = telling_of(on_task("title"), **on(cast.task))
    assert told(telling, happened(cast.task), [None, asker_of(cast.cy)]) == [["TIMEOUT"], ["TIMEOUT"]]
    assert Task.objects.count() == 1


def _end(pid: int) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    finally:
        other.close()
