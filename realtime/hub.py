from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import close_old_connections

from backend.core.events import heads, since
from backend.core.models import RecordedEvent
from realtime.pokes import group_of
from schema.context import Missed

Found = TypeVar("Found")

log = logging.getLogger(__name__)

#: Seconds between two looks at the heads of all watched streams: by so much is an event late whose poke was lost.
SWEEP = 3.0
#: Rows read at once; what is more is read when those are sent.
BATCH = 200

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub_of_process() -> Hub:
    """The one hub of this process (of its event loop), made when it is first needed."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


class Hub:
    """Wakes the followers of a stream when it has something new; they read the log themselves.

    The row is the truth and a poke only a nudge: every `SWEEP` seconds one statement asks for the heads of all watched
    streams, so with Redis away events come late, and none is lost.
    """

    def __init__(self) -> None:
        self._wakers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._seen: dict[str, int] = {}
        self._unjoined: set[str] = set()
        self._joining = asyncio.Lock()
        self._channel: str | None = None
        # Kept, because a task that nobody refers to may be collected while it runs.
        self._tasks: list[asyncio.Task[None]] = []

    async def follow(self, stream: str, *, after: int | None) -> AsyncIterator[RecordedEvent | Missed]:
        """The events of a stream after a number (none: from now on), then live ones; `Missed` where some are gone."""
        waker = asyncio.Event()
        # Listen first, read then: what commits in between is told by both, and read once.
        await self._join(stream, waker)
        try:
            head = (await _heads([stream])).get(stream, 0)
            seen = head if after is None else after
            if seen > head:
                # A cursor from a future that is gone, after a restored backup.
                seen = head
                yield Missed(stream, head)
            while True:
                waker.clear()
                rows = await _read(stream, seen)
                if rows and rows[0].seq != seen + 1:
                    seen = rows[-1].seq if len(rows) < BATCH else (await _heads([stream]))[stream]
                    yield Missed(stream, seen)
                    continue
                for row in rows:
                    yield row
                    seen = row.seq
                if not rows:
                    await waker.wait()
        finally:
            await self._leave(stream, waker)

    async def _join(self, stream: str, waker: asyncio.Event) -> None:
        async with self._joining:
            if not self._tasks:
                self._channel = await _layer().new_channel()
                self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._sweep())]
            if not self._wakers[stream]:
                self._unjoined.add(stream)
                await self._join_groups()
            self._wakers[stream].add(waker)

    async def _leave(self, stream: str, waker: asyncio.Event) -> None:
        async with self._joining:
            self._wakers[stream].discard(waker)
            if not self._wakers[stream]:
                del self._wakers[stream]
                self._seen.pop(stream, None)
                self._unjoined.discard(stream)
                try:
                    await _layer().group_discard(group_of(stream), self._channel)
                except Exception:
                    log.warning("Redis is away: leaving %s later", stream)

    async def _join_groups(self) -> None:
        for stream in list(self._unjoined):
            try:
                await _layer().group_add(group_of(stream), self._channel)
                self._unjoined.discard(stream)
            except Exception:
                log.warning("Redis is away: %s is followed by looking every %s s", stream, SWEEP)
                return

    async def _listen(self) -> None:
        while True:
            try:
                message = await _layer().receive(self._channel)
                self._wake(message["stream"], message["seq"])
            except Exception:
                log.exception("a poke could not be received")
                await asyncio.sleep(1)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            try:
                for stream, seq in (await _heads(list(self._wakers))).items():
                    self._wake(stream, seq)
                async with self._joining:
                    await self._join_groups()
            except Exception:
                log.exception("the heads of the streams could not be read; trying again")

    def _wake(self, stream: str, seq: int) -> None:
        if seq > self._seen.get(stream, 0) and stream in self._wakers:
            self._seen[stream] = seq
            for waker in self._wakers[stream]:
                waker.set()


def _layer() -> Any:
    return get_channel_layer()


async def _read(stream: str, seen: int) -> list[RecordedEvent]:
    return await _in_thread(lambda: list(since(stream, seen)[:BATCH]))


async def _heads(streams: list[str]) -> dict[str, int]:
    return await _in_thread(lambda: heads(streams))


async def _in_thread(read: Callable[[], Found]) -> Found:
    def read_and_let_go() -> Found:
        # Nothing ends a request here, so the connection goes back to the pool by hand, broken or not.
        close_old_connections()
        try:
            return read()
        finally:
            close_old_connections()

    return await sync_to_async(read_and_let_go)()
