"""A statement whose text is made once, through the ORM, and run many times without it."""

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Expression, QuerySet
from django.db.models.sql import Query
from psycopg import sql

from schema.planner.slots import Run, Slot


class Statement:
    """The finished text of one statement, with a number at each place that is filled when it runs."""

    def __init__(self, text: str, params: Sequence[Any]) -> None:
        pieces = text.split("%s")
        if len(pieces) != len(params) + 1:
            raise ValueError("a statement has as many places as parameters")
        self.slots: list[Slot] = []
        numbers: dict[Any, int] = {}
        said = [pieces[0]]
        for param, piece in zip(params, pieces[1:], strict=True):
            if isinstance(param, Slot):
                # The same open place, told twice, is sent once.
                if param.key not in numbers:
                    self.slots.append(param)
                    numbers[param.key] = len(self.slots)
                said.append(f"${numbers[param.key]}")
            else:
                said.append(_literal(param))
            said.append(piece)
        self.text = "".join(said).replace("%%", "%")

    def fetch(self, run: Run) -> Sequence[Any] | None:
        """The one row that it answers, or none."""
        return _fetch(self.text, [slot.sent(run) for slot in self.slots])


def statement_of(rows: QuerySet[Any]) -> Statement:
    """The statement that a queryset with slots would run."""
    return Statement(*rows.query.sql_with_params())


def statement_of_value(value: Expression) -> Statement:
    """`SELECT value`, as text, of no table."""
    query: Any = Query(None)
    query.add_annotation(value, "answer")
    text, params = query.get_compiler(connection=connection).as_sql()
    return Statement(text, params)


def _literal(value: Any) -> str:
    # Written out rather than sent: PostgreSQL plans better for what it knows, and partial indexes need to be known to fit.
    if isinstance(value, date):
        raise TypeError("a moment would be frozen into the statement: use Now() or a slot")
    return sql.Literal(value).as_string(None)


def _fetch(text: str, params: list[Any]) -> Sequence[Any] | None:
    connection.ensure_connection()
    started = time.monotonic()
    try:
        with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
            cursor.execute(text.encode(), params, prepare=True)
            row: Sequence[Any] | None = cursor.fetchone()
            return row
    finally:
        if connection.queries_logged:
            # Where Django's own cursors write theirs: whoever counts statements counts these too.
            connection.queries_log.append({"sql": text, "time": f"{time.monotonic() - started:.3f}"})
