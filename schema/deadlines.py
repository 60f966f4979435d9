"""How long an operation may take in all: each statement has its own limit, and ten root fields would have it ten times."""

import time

from django.db import DatabaseError, connections

from backend.core.refusals import Refusal

#: While no more than this is over, the limit of a statement will do: to shorten it takes a statement too.
_EARLY = 0.5


class TooLate(Refusal):
    """The time of an operation is over before this field's turn."""

    code = "TIMEOUT"
    message = "The rest of the operation took too long: ask for less at once."


class Deadline:
    """The end of one operation, so many seconds from now; with none it never ends. Its statements are on one connection."""

    def __init__(self, seconds: float, database: str = "default") -> None:
        self._connection = connections[database]
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._is_short = False

    def check(self) -> None:
        """Before each root field: what its statements may take is what is left. Raises `TooLate`."""
        if not self._seconds:
            return
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TooLate
        if self._seconds - left < _EARLY:
            return
        milliseconds = max(1, int(left * 1000))
        local = "LOCAL" if self._connection.in_atomic_block else ""
        with self._connection.cursor() as cursor:
            cursor.execute(f"SET {local} statement_timeout = {milliseconds:d}")
            cursor.execute(f"SET {local} lock_timeout = {milliseconds:d}")
        # What is local ends with its transaction.
        self._is_short = not local

    def close(self) -> None:
        """The connection's statements have their own limit again."""
        if not self._is_short:
            return
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")
                cursor.execute("RESET lock_timeout")
        except DatabaseError:
            self._connection.close()
