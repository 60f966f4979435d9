"""Followers in the process of the test, and events for them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from django.db import connection, transaction

from backend.accounts.models import Session
from backend.boards.events import TaskMoved, board_stream
from backend.core.events import record
from realtime.hub import hub_of_process
from schema.context import Context
from schema.operations import encode, events, prepare
from tests.asking import operations


class Following:
    """What somebody was told, who follows something from now on until they stop."""

    def __init__(self, events: AsyncGenerator[Any, None]) -> None:
        self.told: list[Any] = []
        self._task = asyncio.create_task(self._listen(events))

    async def _listen(self, events: AsyncGenerator[Any, None]) -> None:
        async with aclosing(events) as each:
            async for event in each:
                self.told.append(event)

    async def hears(self, count: int, seconds: float = 5) -> list[Any]:
        """All that was told, as soon as it is so many; fails when it is not in time, or more."""
        await until(lambda: len(self.told) >= count or self._task.done(), seconds)
        if self._task.done():
            self._task.result()
        assert len(self.told) == count, f"{count} were due in {seconds} s, and told were {self.told}"
        return self.told

    async def ends(self, seconds: float = 5) -> list[Any]:
        """All that was told to somebody whose stream ends by itself."""
        async with asyncio.timeout(seconds):
            await self._task
        return self.told

    async def stop(self) -> None:
        """Go away in the middle of it."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def follow(board_id: int, after: int | None = 0) -> Following:
    """Follow the stream of a board at the hub."""
    return Following(hub_of_process().follow(board_stream(board_id), after=after))


def subscribe(session: Session | None, operation: str, **variables: object) -> Following:
    """Run one of our clients' subscriptions; what is told are its answers."""
    prepared = prepare(operations()[operation], variables, None)
    return Following(_read(events(prepared, Context(session=session, hub=hub_of_process()))))


async def _read(answers: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    async with aclosing(answers):
        async for answer in answers:
            yield json.loads(encode(answer))


async def tell(board_id: int, count: int = 1) -> None:
    """Record so many events on the stream of a board, each in a transaction of its own."""

    def record_them() -> None:
        for _ in range(count):
            with transaction.atomic():
                record(TaskMoved(board_id=board_id, task_id=0), by=None)

    await apart(record_them)


async def apart(act: Callable[[], Any]) -> Any:
    """Do something with the database in another thread, on a connection of its own."""

    def act_and_let_go() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return await asyncio.to_thread(act_and_let_go)


async def until(is_so: Callable[[], object], seconds: float = 5) -> None:
    """Wait until something is so; whoever needs it to be looks again."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_so() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.005)


def seqs(following: Following) -> list[int]:
    """The numbers of the events that a follower of the hub was told."""
    return [event.seq for event in following.told]
