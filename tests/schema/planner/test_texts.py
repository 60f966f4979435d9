"""PostgreSQL spells ids and cursors exactly as Python reads them."""

from datetime import UTC, datetime

from django.db.models import BigIntegerField, DateTimeField, FloatField, Value
from hypothesis import given
from hypothesis import strategies as st

from schema import cursors
from schema.ids import from_global_id, to_global_id
from schema.planner.rendering import Sql
from schema.planner.slots import Run, Slot
from schema.planner.statements import statement_of_value
from schema.planner.texts import global_id, place_text, signed

NOBODY = Run(None, {})
KEYS = st.integers(1, 2**63 - 1)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def said(value: Sql) -> str:
    """What PostgreSQL makes of an expression."""
    (text,) = statement_of_value(value).fetch(NOBODY)
    return text.decode()


@given(st.sampled_from(["User", "Project", "Task", "ActiveSession", "X", "Xy"]), KEYS)
def test_an_id_is_the_one_that_python_makes(db: None, kind: str, pk: int):
    made = said(global_id(kind, Value(pk)))

    assert made == to_global_id(kind, pk)
    assert from_global_id(made, kind) == (kind, pk)


@given(KEYS, MOMENTS, st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**63 - 1))
def test_a_cursor_opens_to_the_values_that_it_was_made_of(
    db: None, key: int, when: datetime, position: float, number: int
):
    """To the last digit: a microsecond or a bit less, and a page would begin behind another row."""
    values = [
        (DateTimeField(), Slot(lambda run: when, "timestamptz")),
        (FloatField(), Slot(lambda run: position, "double precision")),
        (BigIntegerField(), Value(number)),
    ]
    text = said(place_text("Board.tasks:", Value(key), values))
    cursor = said(signed("{0}", Sql(f"'{text}'::text")))

    place, (said_when, *said_numbers) = cursors.opened(cursor)
    assert (place, datetime.fromisoformat(said_when), said_numbers) == (
        f"Board.tasks:{key}",
        when,
        [position, number],
    )


@given(KEYS, st.integers(0, 2**63 - 1))
def test_the_cursor_of_a_stream_is_the_one_that_python_makes(db: None, key: int, seq: int):
    text = f'["board:{key}",{seq}]'

    assert said(signed("{0}", Sql(f"'{text}'::text"))) == cursors.encode(f"board:{key}", seq)
