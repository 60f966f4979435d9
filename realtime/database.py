"""The threads in which this process asks PostgreSQL: asyncio has no time to wait for it."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Found = TypeVar("Found")


class DatabaseThread:
    """One thread with a connection of its own, which stays: so do the statements that are prepared on it."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, ask: Callable[[], Found]) -> Found:
        """What `ask` answers there. Raises what it raises; its connection is then a new one."""
        # No context goes along: what it would hold is this task's, and the thread is everybody's.
        empty = contextvars.Context()
        return await asyncio.get_running_loop().run_in_executor(self._executor, empty.run, _asked, ask)

    def close(self) -> None:
        """Let go of the connection; the next question opens another."""
        self._executor.submit(_let_go).result(timeout=5)


def _let_go() -> None:
    connection.close()


def _asked(ask: Callable[[], Found]) -> Found:
    try:
        return ask()
    except Exception:
        # Whatever state it is in. One that the server has closed says so only when it is used.
        connection.close()
        raise


#: Two, so that a thousand who come at once do not keep waiting those who are there.
TELLING = DatabaseThread("telling")
ADMITTING = DatabaseThread("admitting")
