"""No operation takes longer than one statement may, however many it runs, and none leaves work behind in PostgreSQL."""

import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schema import deadlines
from schema.planner.rendering import Sql
from schema.planner.sources import Computed
from tests.asking import post
from tests.cast import Cast
from tests.schema.test_failures import break_field  # noqa: F401  # A fixture.

#: Each person who is asked sleeps so long in PostgreSQL.
SECONDS = 0.9


def slow(seconds: float) -> Computed:
    """A text that takes so long to find."""
    return Computed(lambda viewer: Sql(f"(SELECT pg_sleep({seconds}))::text"))


def asked(count: int) -> tuple[float, dict[str, Any], int]:
    """How long so many slow fields took, the answer and its status."""
    fields = " ".join(f'a{n}: user(handle: "ana") {{ location }}' for n in range(count))
    begin = time.monotonic()
    response = post({"query": f"{{ {fields} }}"})
    return time.monotonic() - begin, json.loads(response.content), response.status_code


def backends_at_work() -> list[str]:
    """The statements that still run, but this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
            " AND datname = current_database() AND query LIKE '%pg_sleep%'"
        )
        return [query for (query,) in cursor.fetchall()]


@pytest.fixture
def two_seconds(settings: Any):
    """As if STATEMENT_SECONDS were 2, and on a connection of its own."""
    settings.OPERATION_SECONDS = 2
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '2s'")
    yield
    connection.close()


def limit_now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


def test_ten_slow_fields_end_together_when_one_would_have_to(
    racing_cast: Cast,
    two_seconds: None,
    break_field: Callable[..., None],  # noqa: F811
):
    break_field("User.location", slow(SECONDS))

    took, answer, status = asked(10)

    assert took < 2.5
    assert status == 200
    assert answer["data"] == {f"a{n}": {"location": ""} if n < 2 else None for n in range(10)}
    codes = [error["extensions"]["code"] for error in answer["errors"]]
    assert codes == ["TIMEOUT"] * 8
    assert "pg_sleep" not in json.dumps(answer)


def test_one_statement_that_takes_too_long_is_stopped_and_nothing_of_it_stays(
    racing_cast: Cast,
    two_seconds: None,
    break_field: Callable[..., None],  # noqa: F811
):
    break_field("User.location", slow(30))

    took, answer, status = asked(1)

    assert 1.5 < took < 2.5
    assert (status, answer["data"]) == (200, {"a0": None})
    (error,) = answer["errors"]
    assert error["message"] == "It took too long, and nothing was done. Ask for less, or try again later."
    assert set(error["extensions"]) == {"code", "requestId"} and error["extensions"]["code"] == "TIMEOUT"
    time.sleep(0.5)
    assert backends_at_work() == []


def test_whoever_asks_next_has_all_the_time_again(
    racing_cast: Cast,
    two_seconds: None,
    break_field: Callable[..., None],  # noqa: F811
):
    break_field("User.location", slow(SECONDS))
    asked(3)
    with connection.cursor() as cursor:
        # What a connection begins with: that of the settings, and not the shorter one of the operation before.
        cursor.execute("SELECT reset_val FROM pg_settings WHERE name = 'statement_timeout'")
        assert cursor.fetchone() == ("5000",)
    assert limit_now() == "5s"


@pytest.mark.parametrize(("seconds", "statements_each"), [(0, 1), (0.49, 1), (0.51, 3)])
def test_what_is_quick_is_limited_by_no_statement_more(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, seconds: float, statements_each: int
):
    """The deadline's own clock: it stands still, for a machine may be busy, and is so much later when fields are read."""
    begin = time.monotonic()
    now = iter([begin])
    monkeypatch.setattr(deadlines, "time", SimpleNamespace(monotonic=lambda: next(now, begin + seconds)))
    with CaptureQueriesContext(connection) as said:
        asked(10)
    reads = [each["sql"] for each in said if each["sql"].startswith(("SELECT", "SET"))]
    assert len(reads) == 10 * statements_each


def test_without_the_deadline_ten_fields_take_ten_times_as_long(
    racing_cast: Cast,
    settings: Any,
    break_field: Callable[..., None],  # noqa: F811
):
    """The control: each field alone is within the limit of a statement."""
    settings.OPERATION_SECONDS = 0
    break_field("User.location", slow(0.3))
    took, answer, _ = asked(8)
    assert took > 2.4
    assert "errors" not in answer
