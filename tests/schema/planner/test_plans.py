"""What a plan for each does beside its statement: what is refused, and what is left to do with an answer."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import DataError, InterfaceError, OperationalError, connection, transaction
from django.db.models import TextField, Value
from django.db.models.functions import Cast
from psycopg import OperationalError as Lost
from psycopg import errors

from backend.core.refusals import Invalid, NotFound
from schema.context import Standing
from schema.cursors import BadCursor
from schema.member.schema import schema
from schema.planner.compiler import Compiling
from schema.planner.pages import OF_ANOTHER_ROW
from schema.planner.plans import PlanForEach
from schema.planner.prices import Price
from schema.planner.rendering import Sql, json_object
from schema.planner.slots import ASKING_SESSION, Run, ViewerSlot
from schema.planner.statements import is_away
from tests.asking import statements
from tests.schema.telling import unknown

VIEWER = ViewerSlot(Standing())


def compiling() -> Compiling:
    """Nothing yet of a plan for people."""
    return Compiling(schema._schema, {}, {}, VIEWER)


def run(*users: int, **variables: Any) -> Run:
    """All of them at once, each in the session of ten times their number."""
    return Run(None, variables, askers=[unknown(10 * user, user) for user in users])


def test_many_are_one_statement_and_each_has_their_answer(db: None):
    plan = PlanForEach(compiling(), json_object({"me": VIEWER, "session": ASKING_SESSION}))
    with statements() as ran:
        answers = plan.answers(run(3, 1, 2))

    assert not plan.is_alike
    assert [orjson.loads(each or b"") for each in answers] == [
        {"me": 3, "session": 30},
        {"me": 1, "session": 10},
        {"me": 2, "session": 20},
    ]
    assert len(ran) == 1


def test_who_are_alike_have_one_answer(db: None):
    plan = PlanForEach(compiling(), json_object({"a": Value(1)}))
    assert plan.is_alike
    assert [orjson.loads(each or b"") for each in plan.answers(run(1, 2))] == [{"a": 1}]


def test_a_step_that_is_left_is_taken_for_each_as_if_they_were_alone(db: None):
    """Through lists and lists of lists, for what is there."""
    asked = compiling()
    taken: list[tuple[Any, ...]] = []

    def finish(run: Run, of: int) -> Any:
        taken.append((run.session and run.session.user_id, of, run.variables, run.handed, list(run.askers)))
        return [{"n": of}]

    asked.finishing = [(("a", "b"), finish), (("c",), lambda run, word: word * 2)]
    value = Sql(
        "json_build_object("
        "'a', json_build_array(json_build_array(json_build_object('b', json_build_object('of', {0}))), NULL,"
        " json_build_object('b', NULL)), 'c', json_build_object('word', 'x'))",
        VIEWER,
    )
    answers = PlanForEach(asked, value).answers(run(2, 1, word="w"))

    assert [orjson.loads(each or b"") for each in answers] == [
        {"a": [[{"b": [{"n": 2}]}], None, {"b": None}], "c": "xx"},
        {"a": [[{"b": [{"n": 1}]}], None, {"b": None}], "c": "xx"},
    ]
    assert taken == [(2, 2, {"word": "w"}, None, []), (1, 1, {"word": "w"}, None, [])]


def test_nothing_is_left_to_do_with_what_is_not_there(db: None):
    asked = compiling()
    asked.finishing = [(("a",), lambda run: pytest.fail("it was taken"))]
    value = Sql("CASE WHEN {0} = 1 THEN '{{\"b\":1}}' END", VIEWER)
    assert PlanForEach(asked, value).answers(run(1, 2)) == [b'{"b":1}', None]


def test_a_cursor_of_another_row_is_refused_to_whom_it_is_shown(db: None):
    """Others do not see the row, and so not that it is not its."""
    asked = compiling()
    asked.has_cursors = True
    value = Sql("CASE WHEN {0} = 2 THEN {1} ELSE '\"page\"' END", VIEWER, Value(OF_ANOTHER_ROW))
    first, second, third = PlanForEach(asked, value).answers(run(1, 2, 3))

    assert (first, third) == (b'"page"', b'"page"') and isinstance(second, BadCursor)
    # Where no list has a cursor it is no more than a text.
    assert PlanForEach(compiling(), value).answers(run(2)) == [OF_ANOTHER_ROW.encode()]


def test_what_a_step_refuses_is_refused_to_one_and_its_bugs_are_raised(db: None):
    asked = compiling()

    def finish(run: Run, of: int) -> int:
        if of == 2:
            raise NotFound
        return 10 // of

    asked.finishing = [(("a",), finish)]
    plan = PlanForEach(asked, json_object({"a": json_object({"of": VIEWER})}))

    first, second = plan.answers(run(1, 2))
    assert first == b'{"a":10}' and isinstance(second, NotFound)
    with pytest.raises(ZeroDivisionError):
        plan.answers(run(1, 0))


def test_the_price_is_that_of_one_asker_and_arguments_are_held_against_what_they_may_be(db: None):
    asked = compiling()

    def check(run: Run) -> None:
        if run.variables["first"] > 100:
            raise Invalid("first", "Between 1 and 100.")

    asked.checks = [check]
    (top,) = asked.levels
    top.add(nodes=1, work=3)
    page = top.below(lambda run: run.variables["first"])
    asked.levels += [page, page.below(lambda run: 5)]
    plan = PlanForEach(asked, Value("x"))

    assert plan.price(run(*range(50), first=7)) == Price(nodes=1 + 7 + 35, work=3 + 7 + 35)
    with pytest.raises(Invalid):
        plan.price(run(1, first=101))


def because(cause: Exception, error: Exception) -> Exception:
    """An error of Django's with psycopg's behind it."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError("server closed the connection"), True),
        (InterfaceError("the connection is closed"), True),
        (Lost("no words but libpq's"), True),
        (because(errors.AdminShutdown(), OperationalError()), True),
        (because(errors.CannotConnectNow(), OperationalError()), True),
        (because(errors.ConnectionFailure(), OperationalError()), True),
        (because(errors.TooManyConnections(), OperationalError()), True),
        (because(Lost("it timed out"), OperationalError()), True),
        (because(errors.QueryCanceled(), OperationalError()), False),
        (because(errors.LockNotAvailable(), OperationalError()), False),
        (because(errors.DeadlockDetected(), OperationalError()), False),
        (because(errors.DivisionByZero(), DataError()), False),
        (DataError("without a code"), False),
        (ConnectionError("of Redis"), False),
        (ValueError("a bug"), False),
    ],
    ids=lambda value: f"{value!r} {value.__cause__!r}" if isinstance(value, Exception) else str(value),
)
def test_whether_postgresql_is_away_is_told_by_its_code(error: Exception, away: bool):
    assert is_away(error) is away


def test_what_postgresql_itself_raises_is_told_apart(db: None):
    plan = PlanForEach(compiling(), Cast(Sql("1 / (1 - {0})", VIEWER), TextField()))
    with pytest.raises(DataError) as by_zero:
        _apart(lambda: plan.answers(run(1)))
    slow = PlanForEach(compiling(), Sql("pg_sleep(1)::text || {0}::text", VIEWER))
    with pytest.raises(OperationalError) as canceled:
        _apart(lambda: slow.answers(run(1)), "SET LOCAL statement_timeout = 20")

    assert canceled.value.__cause__ and canceled.value.__cause__.sqlstate == "57014"
    assert not is_away(by_zero.value) and not is_away(canceled.value)


def _apart(act: Callable[[], object], setting: str = "SELECT 1") -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(setting)
        act()
