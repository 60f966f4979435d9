"""A statement whose text is made once, through the ORM, and run many times without it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from cachetools import LRUCache
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections
from django.db.models import Expression, QuerySet
from django.db.models.sql import Query
from psycopg import pq, sql
from psycopg.errors import error_from_result

from schema.planner.slots import Run, Slot

#: What PostgreSQL answers: each value as it prints it.
Row = list[bytes | None]

#: Connections that may turn out to be lost, one after the other: as many as a pool may hold, and no more.
_LOST = 10
#: Where those stand who are answered at once: an alias that no table has.
_ASKERS = "askers$"

#: Statements that one connection keeps prepared; PostgreSQL holds a plan of some 100 KB for each.
_PREPARED = 200


class Statement:
    """The finished text of one statement, with a number at each place that is filled when it runs."""

    def __init__(self, text: str, params: Sequence[Any], *, for_each: bool = False) -> None:
        pieces = [piece.replace("%%", "%") for piece in text.split("%s")]
        if len(pieces) != len(params) + 1:
            raise ValueError("a statement has as many places as parameters")
        self.slots: list[Slot] = []
        numbers: dict[Any, int] = {}
        said = [pieces[0]]
        for param, piece in zip(params, pieces[1:], strict=True):
            if for_each and isinstance(param, Slot) and param.of_asker:
                said.append(f"{_ASKERS}.{param.of_asker}")
            elif isinstance(param, Slot):
                # The same open place, told twice, is sent once.
                if param.key not in numbers:
                    self.slots.append(param)
                    numbers[param.key] = len(self.slots)
                said.append(f"${numbers[param.key]}")
            else:
                said.append(_literal(param))
            said.append(piece)
        self.text = "".join(said)
        self._sent = self.text.encode()

    def fetch(self, run: Run) -> Row | None:
        """The one row that it answers, or none. Raises what Django raises for a statement that fails."""
        rows = self.rows(run)
        return rows[0] if rows else None

    def rows(self, run: Run) -> list[Row]:
        """All rows that it answers. Raises as `fetch`."""
        params = [slot.sent(run) for slot in self.slots]
        connection = connections[DEFAULT_DB_ALIAS]
        started = time.monotonic()
        try:
            for _ in range(_LOST):
                try:
                    return _fetch(connection, self._sent, params)
                except DatabaseError as error:
                    # A kept connection may have been lost since it was used last, and then nothing has been read yet.
                    if connection.in_atomic_block or connection.connection is None or not is_away(error):
                        raise
                    connection.close()
            return _fetch(connection, self._sent, params)
        finally:
            if connection.queries_logged:
                # Where Django's own cursors write theirs: whoever counts statements counts these too.
                connection.queries_log.append({"sql": self.text, "time": f"{time.monotonic() - started:.3f}"})


def statement_of(rows: QuerySet[Any]) -> Statement:
    """The statement that a queryset with slots would run."""
    return Statement(*rows.query.sql_with_params())


def statement_of_value(value: Expression) -> Statement:
    """`SELECT value`, of no table."""
    return Statement(*_select(value))


_VIEWERS = Slot(lambda run: [asker.user_id for asker in run.askers], "bigint[]")
_SESSIONS = Slot(lambda run: [asker.pk for asker in run.askers], "bigint[]")


class StatementForEach:
    """`SELECT value` for all of a run's `askers` at once."""

    def __init__(self, value: Expression) -> None:
        text, params = _select(value)
        #: Whether it says the same to all of them.
        self.is_alike = not any(isinstance(param, Slot) and param.of_asker for param in params)
        if not self.is_alike:
            # A SELECT of no table has no FROM clause yet.
            text = text.replace("SELECT ", f"SELECT {_ASKERS}.number - 1, ", 1)
            text += (
                f" FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY {_ASKERS}(viewer, session, number)"
            )
            params = (*params, _VIEWERS, _SESSIONS)
        self._statement = Statement(text, params, for_each=True)

    @property
    def text(self) -> str:
        """The statement's own."""
        return self._statement.text

    def values(self, run: Run) -> list[bytes | None]:
        """The value of each asker, in their order; where it is alike for all, one. Raises as `Statement.fetch`."""
        rows = self._statement.rows(run)
        if self.is_alike:
            return rows[0]
        found: list[bytes | None] = [None] * len(rows)
        for number, value in rows:
            found[int(number or 0)] = value
        return found


def _select(value: Expression) -> tuple[str, tuple[Any, ...]]:
    query: Any = Query(None)
    query.add_annotation(value, "answer")
    text, params = query.get_compiler(connection=connections[DEFAULT_DB_ALIAS]).as_sql()
    return text, params


def _literal(value: Any) -> str:
    # Written out rather than sent: PostgreSQL plans better for what it knows, and partial indexes need to be known to fit.
    if isinstance(value, date):
        raise TypeError("a moment would be frozen into the statement: use Now() or a slot")
    return sql.Literal(value).as_string(None)


#: The statements that each connection has prepared, by their text.
_prepared: WeakKeyDictionary[psycopg.Connection[Any], _Names] = WeakKeyDictionary()


class _Names(LRUCache[bytes, bytes]):
    """The names of the statements that one connection has prepared; the longest unused is forgotten there too."""

    def __init__(self, connection: pq.abc.PGconn) -> None:
        super().__init__(_PREPARED)
        self._connection = connection
        self._numbers = itertools.count(1)

    def __missing__(self, text: bytes) -> bytes:
        name = b"plan_%d" % next(self._numbers)
        _checked(self._connection, self._connection.prepare(name, text))
        self[text] = name
        return name

    def popitem(self) -> tuple[bytes, bytes]:
        """Make room for another."""
        text, name = super().popitem()
        _checked(self._connection, self._connection.close_prepared(name))
        return text, name


def _fetch(connection: Any, text: bytes, params: list[bytes | None]) -> list[Row]:
    # Past psycopg's cursors, and so past the text of the statement being read anew and its answer being decoded: that
    # took as long as the statement of a small page.
    connection.ensure_connection()
    with connection.wrap_database_errors:
        psycopg_connection = connection.connection
        core = psycopg_connection.pgconn
        if not psycopg_connection.autocommit and core.transaction_status == pq.TransactionStatus.IDLE:
            psycopg_connection.execute("")  # It begins the transaction that its cursors would have begun.
        names = _prepared.get(psycopg_connection)
        if names is None:
            names = _prepared[psycopg_connection] = _Names(core)
        result = _checked(core, core.exec_prepared(names[text], params))
        columns = range(result.nfields)
        return [[result.get_value(row, column) for column in columns] for row in range(result.ntuples)]


def _checked(core: pq.abc.PGconn, result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        return result
    error = error_from_result(result)
    # Of a server that went away libpq has words, and no code to tell them by; nor does it always know at once that the
    # connection is of no more use.
    raise error if error.sqlstate else psycopg.OperationalError(str(error))


def is_away(error: Exception) -> bool:
    """Whether an error of the database says that it cannot be reached or takes nobody now, and nothing of a statement."""
    state = getattr(error.__cause__ or error, "sqlstate", None)
    # SQLSTATE 08 (connection), 53300 (too many of them) and 57P (shut down, or not up yet); libpq's own words have none.
    return isinstance(error, OperationalError | InterfaceError | psycopg.OperationalError) and (
        state is None or state.startswith(("08", "53300", "57P"))
    )
