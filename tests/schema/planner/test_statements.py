"""A statement is made once, prepared once a connection, and runs through whatever happens to the connection."""

import json
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import DateTimeField, Exists, F, Value
from psycopg import pq

from backend.accounts.models import User
from schema.planner import statements
from schema.planner.rendering import JsonCount, JsonList, JsonRow, Sql, json_object
from schema.planner.slots import Run, Slot
from schema.planner.statements import Statement, statement_of_value
from schema.planner.texts import signed
from tests.asking import ask, id_of
from tests.cast import make_cast

NOBODY = Run(None, {})


def said(statement: Statement) -> str:
    (text,) = statement.fetch(NOBODY)
    return text.decode()


def prepared() -> list[str]:
    """The statements of ours that this connection keeps, in the order in which they were prepared."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement FROM pg_prepared_statements WHERE name LIKE 'plan%' ORDER BY prepare_time"
        )
        return [text for (text,) in cursor.fetchall()]


@pytest.fixture
def kept_apart(transactional_db: None):
    """A connection of the test's own, with nothing prepared on it."""
    connection.close()
    connection.close_pool()
    yield
    connection.close()


def test_an_open_place_is_filled_anew_each_time(db: None):
    numbers = iter([1, 2])
    statement = statement_of_value(Sql("{0} + 1", Slot(lambda run: next(numbers), "integer")))

    assert [said(statement), said(statement)] == ["2", "3"]


def test_the_same_place_twice_is_sent_once(db: None):
    slot = Slot(lambda run: "é'\\%s", "text")
    statement = statement_of_value(Sql("{0} || {1} || '%%' || {0}", slot, Value("%s'\\")))

    assert statement.text.count("$1") == 2 and "$2" not in statement.text
    assert said(statement) == "é'\\%s" + "%s'\\" + "%" + "é'\\%s"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("bigint", -(2**63), "-9223372036854775808"),
        ("integer", 2**31 - 1, "2147483647"),
        ("double precision", 0.1 + 0.2, "0.30000000000000004"),
        ("text", "ñ \\x $1", "ñ \\x $1"),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("timestamptz", datetime(2026, 3, 1, 12, 0, 0, 1, UTC), "2026-03-01 12:00:00.000001+00"),
        ("bytea", b"\x00\xff", "\\x00ff"),
        ("text", None, ""),
    ],
)
def test_a_value_arrives_as_it_was_sent(db: None, kind: str, value: object, text: str):
    statement = statement_of_value(Sql("coalesce({0}::text, '')", Slot(lambda run: value, kind)))
    assert said(statement) == text


def test_a_moment_is_never_written_into_a_statement(db: None):
    """It would stay the moment at which the statement was made."""
    with pytest.raises(TypeError, match="frozen"):
        statement_of_value(Value(datetime.now(UTC), output_field=DateTimeField()))


def test_the_key_of_cursors_is_in_no_statement(db: None, settings):
    statement = statement_of_value(signed("'x'::text"))
    assert len(statement.slots) == 2
    assert settings.SECRET_KEY not in statement.text and "\\x" not in statement.text


def test_of_nothing_there_is_none_and_no_row(db: None):
    """Django tells of a queryset that can have no row by an exception, wherever it stands."""
    nobody = User.objects.none()
    values = json_object(
        {
            "count": JsonCount(nobody),
            "row": JsonRow(nobody, {"id": F("pk")}),
            "list": JsonList(nobody, {"id": F("pk")}),
            "is": Exists(nobody),
            "isNot": ~Exists(nobody),
        }
    )
    assert json.loads(said(statement_of_value(values))) == {
        "count": 0,
        "row": None,
        "list": [],
        "is": False,
        "isNot": True,
    }


def test_it_is_prepared_once_a_connection(kept_apart: None):
    statement = statement_of_value(Sql("1 + 1"))
    for _ in range(3):
        said(statement)

    assert prepared() == [statement.text]


def test_one_connection_keeps_so_many(kept_apart: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(statements, "_PREPARED", 3)
    some = [statement_of_value(Sql(f"{number} + 1")) for number in range(5)]
    assert [said(each) for each in [*some, some[2]]] == ["1", "2", "3", "4", "5", "3"]

    assert prepared() == [each.text for each in some[2:]]


def test_one_document_is_one_statement_for_whoever_asks_and_whatever_for(kept_apart: None):
    cast = make_cast()
    query = "query($id: ID!, $n: Int) { node(id: $id) { ... on User { handle followers(first: $n) { totalCount } } } }"
    for viewer in (cast.bo, cast.cy):
        for person in (cast.ana, cast.bo):
            for first in (1, 2, None):
                variables = {} if first is None else {"n": first}
                assert ask(query, viewer, id=id_of(person), **variables)["data"]["node"]["handle"]

    pages = [text for text in prepared() if "token_hash" not in text]
    # One with a number and one without; that it is another one is nobody's harm.
    assert 1 <= len(pages) <= 2


def test_a_connection_that_was_lost_is_made_anew(kept_apart: None):
    statement = statement_of_value(Sql("pg_backend_pid()"))
    before = said(statement)
    _end(before)

    assert said(statement) != before


def test_within_a_transaction_a_lost_connection_is_a_failure(kept_apart: None):
    """What was done before it in the transaction is gone, and nobody may go on as if it were not."""
    statement = statement_of_value(Sql("pg_backend_pid()"))
    with pytest.raises(OperationalError), transaction.atomic():
        _end(said(statement))
        said(statement)


def test_it_begins_the_transaction_that_it_is_in(kept_apart: None):
    statement = statement_of_value(Sql("1"))
    with transaction.atomic():
        said(statement)
        assert connection.connection.pgconn.transaction_status == pq.TransactionStatus.INTRANS
    assert connection.connection.pgconn.transaction_status == pq.TransactionStatus.IDLE


def _end(pid: str) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [int(pid)])
    finally:
        other.close()
