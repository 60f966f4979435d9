from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import close_old_connections

from backend.core.events import heads, since
from backend.core.models import RecordedEvent
from realtime.pokes import PATIENCE, group_of
from schema.context import Missed

log = logging.getLogger(__name__)

Found = TypeVar("Found")

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


class _Follower:
    """Where one reader of a stream is, and what wakes it."""

    def __init__(self) -> None:
        self.seen = 0
        self.waker = asyncio.Event()


class Hub:
    """Wakes the followers of a stream when it has something new; they read the log themselves.

    The row is the truth and a poke only a nudge: every `SWEEP` seconds one statement asks for the heads of all watched
    streams, so with Redis away events come late, and none is lost.
    """

    def __init__(self) -> None:
        self._followers: dict[str, set[_Follower]] = {}
        #: Streams whose group is not joined yet, because Redis was away.
        self._unjoined: set[str] = set()
        self._is_redis_away = False
        self._joining = asyncio.Lock()
        # Kept: two threads that ask for the layer first may get one each, and a channel is known to its own only.
        self._layer: Any = get_channel_layer()
        self._channel: str | None = None
        # Kept, because a task that nobody refers to may be collected while it runs.
        self._tasks: list[asyncio.Task[None]] = []

    async def follow(self, stream: str, *, after: int | None) -> AsyncGenerator[RecordedEvent | Missed, None]:
        """The events of a stream after a number (none: from now on), then live ones; `Missed` where some are gone."""
        follower = _Follower()
        try:
            # Listen first, read then: what commits in between is told by both, and read once.
            await self._join(stream, follower)
            head = await _head(stream)
            follower.seen = head if after is None else after
            if follower.seen > head:
                # A cursor from a future that is gone, after a restored backup.
                follower.seen = head
                yield Missed(stream, head)
            while True:
                follower.waker.clear()
                rows = await _read(stream, follower.seen)
                if rows[0].seq != follower.seen + 1 if rows else follower.seen < head:
                    follower.seen = rows[-1].seq if 0 < len(rows) < BATCH else await _head(stream)
                    yield Missed(stream, follower.seen)
                    continue
                for row in rows:
                    yield row
                    follower.seen = row.seq
                if not rows:
                    await follower.waker.wait()
        finally:
            await self._leave(stream, follower)

    async def _join(self, stream: str, follower: _Follower) -> None:
        async with self._joining:
            if not self._tasks:
                self._tasks = [asyncio.create_task(self._sweep())]
            if stream not in self._followers:
                self._followers[stream] = set()
                self._unjoined.add(stream)
            self._followers[stream].add(follower)
            if not self._is_redis_away:
                # While it is, nobody waits for it but the sweep.
                await self._join_groups()

    async def _leave(self, stream: str, follower: _Follower) -> None:
        async with self._joining:
            followers = self._followers.get(stream)
            if followers is None:
                # It was ended before it had joined.
                return
            followers.discard(follower)
            if followers:
                return
            del self._followers[stream]
            if stream in self._unjoined:
                self._unjoined.discard(stream)
                return
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._layer.group_discard(group_of(stream), self._channel)
            except Exception:
                # The group stays joined and its pokes wake nobody.
                log.warning("Redis is away: %s could not be left", stream)

    async def _join_groups(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                if self._channel is None:
                    channel = await self._layer.new_channel()
                    self._channel = channel
                    self._tasks.append(asyncio.create_task(self._listen(channel)))
                for stream in sorted(self._unjoined):
                    await self._layer.group_add(group_of(stream), self._channel)
                    self._unjoined.discard(stream)
            self._is_redis_away = False
        except Exception as error:
            self._is_redis_away = True
            log.warning(
                "Redis is away (%r): %s streams are followed by looking every %s s",
                error,
                len(self._unjoined),
                SWEEP,
            )

    async def _listen(self, channel: str) -> None:
        while True:
            try:
                message = await self._layer.receive(channel)
                self._wake(message["stream"], message["seq"])
            except Exception:
                log.exception("a poke could not be received")
                await asyncio.sleep(1)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            try:
                for stream, seq in (await _heads(list(self._followers))).items():
                    self._wake(stream, seq)
                if self._unjoined:
                    async with self._joining:
                        await self._join_groups()
            except Exception:
                log.exception("the heads of the streams could not be read; trying again")

    def _wake(self, stream: str, seq: int) -> None:
        # Measured by what each has read and not by what was told before: a poke proves nothing, not even a number.
        for follower in self._followers.get(stream, ()):
            if seq > follower.seen:
                follower.waker.set()


async def _read(stream: str, seen: int) -> list[RecordedEvent]:
    return await _in_thread(lambda: list(since(stream, seen)[:BATCH]))


async def _head(stream: str) -> int:
    return (await _heads([stream])).get(stream, 0)


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
