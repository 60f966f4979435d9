"""The threads in which this process asks PostgreSQL: asyncio has no time to wait for it."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Found = TypeVar("Found")


class DatabaseThreads:
    """Some threads, each with a connection of its own, which stays: so do the statements that are prepared on it."""

    def __init__(self, name: str, count: int) -> None:
        self._threads = [ThreadPoolExecutor(max_workers=1, thread_name_prefix=name) for _ in range(count)]
        self._busy = [0] * count

    async def run(self, ask: Callable[[], Found]) -> Found:
        """What `ask` answers in the least busy of them. Raises what it raises; the connection is then a new one."""
        number = self._busy.index(min(self._busy))
        self._busy[number] += 1
        try:
            # No context goes along: what it would hold is this task's, and the thread is everybody's.
            empty = contextvars.Context()
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads[number], empty.run, _asked, ask)
        finally:
            self._busy[number] -= 1

    def close(self) -> None:
        """Let go of the connections; the next question opens another."""
        for thread in self._threads:
            thread.submit(_let_go).result(timeout=5)


def _let_go() -> None:
    connection.close()


def _asked(ask: Callable[[], Found]) -> Found:
    try:
        return ask()
    except Exception:
        # Whatever state it is in. One that the server has closed says so only when it is used.
        connection.close()
        raise


#: Apart, so that a thousand who come at once do not keep those waiting who are there; two, so that whoever selects what
#: takes long holds up one of them and not all.
TELLING = DatabaseThreads("telling", 2)
ADMITTING = DatabaseThreads("admitting", 1)
