"""Who looks at what now, in all processes together: kept in Redis, each entry for as long as its process renews it.

Nothing of it is ever written down. While Redis is away nobody is known to look at anything, and nothing else is different.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import Any, cast

import redis
import redis.asyncio
from django.conf import settings

log = logging.getLogger(__name__)

#: Seconds for which an entry stands; a process that dies has left the boards by then.
KEEP = 6.0
#: Seconds between two times that a process says that its people are still there.
RENEW = 2.0
#: Seconds to wait for Redis, and for which nobody asks again who has waited in vain.
PATIENCE, PAUSE = 0.5, 2.0

#: The time is Redis's own, so that no two processes need to agree on one.
_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) "
_WRITE = (
    _NOW
    + """
    for i = 3, 2 + ARGV[2] do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
    for i = 3 + ARGV[2], #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    """
)
_READ = (
    _NOW
    + """
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    return redis.call('ZRANGE', KEYS[1], 0, 999)
    """
)


class Presence:
    """The people who look at something through this process, and how others hear of them.

    `when_changed` is given the stream of what they look at, when Redis knows it.
    """

    def __init__(self, when_changed: Callable[[str], Awaitable[None]]) -> None:
        self._when_changed = when_changed
        self._here: dict[str, Counter[int]] = {}
        #: What Redis has been told of.
        self._written: dict[str, set[int]] = {}
        self._process = uuid.uuid4().hex[:12]
        self._redis: Any = None
        self._changed: set[str] = set()
        self._writing: asyncio.Task[None] | None = None

    def enter(self, stream: str, person: int) -> None:
        """They look at it, once more."""
        people = self._here.setdefault(stream, Counter())
        people[person] += 1
        if people[person] == 1:
            self._tell(stream)

    def leave(self, stream: str, person: int) -> None:
        """They look at it once less."""
        people = self._here[stream]
        people[person] -= 1
        if not people[person]:
            del people[person]
            self._tell(stream)
        if not people:
            del self._here[stream]

    async def renew(self) -> None:
        """They are all still there."""
        for stream in [*self._here]:
            await self._write(stream)

    async def at(self, stream: str) -> list[int]:
        """Who looks at it now, wherever they are connected. Raises `RedisError`."""
        members = await self._client().eval(_READ, 1, _key(stream))
        # Of its own people a process knows more than it has told.
        elsewhere = _people(each for each in members if not each.endswith(self._process.encode()))
        return sorted({*elsewhere, *self._here.get(stream, ())})

    def _tell(self, stream: str) -> None:
        self._changed.add(stream)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_changes())

    async def _write_changes(self) -> None:
        while self._changed:
            stream = self._changed.pop()
            try:
                await self._write(stream)
                await self._when_changed(stream)
            except (redis.RedisError, OSError, TimeoutError) as error:
                # Those who are here are told of again soon, and those who left are forgotten.
                log.info("who looks at %s could not be told: %r", stream, error)

    async def _write(self, stream: str) -> None:
        people = {*self._here.get(stream, ())}
        gone = self._written.get(stream, set()) - people
        members = [f"{person}:{self._process}" for person in (*people, *gone)]
        await self._client().eval(_WRITE, 1, _key(stream), int(KEEP * 1000), len(people), *members)
        if people:
            self._written[stream] = people
        else:
            self._written.pop(stream, None)

    def _client(self) -> Any:
        if self._redis is None:
            self._redis = redis.asyncio.Redis.from_url(
                settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
            )
        return self._redis


class _Glance:
    """What a question reads of it, in whatever thread it is asked."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._away_until = 0.0

    def at(self, stream: str) -> list[int]:
        if time.monotonic() < self._away_until:
            return []
        try:
            return _people(cast(list[bytes], self._redis.eval(_READ, 1, _key(stream))))
        except redis.RedisError as error:
            log.warning("nobody knows who looks at %s: %r", stream, error)
            self._away_until = time.monotonic() + PAUSE
            return []


def present(stream: str) -> list[int]:
    """Who looks at something now; nobody, while Redis is away."""
    return _glance(settings.REDIS_URL).at(stream)


@cache
def _glance(url: str) -> _Glance:
    return _Glance(url)


def _key(stream: str) -> str:
    return f"acequia:{stream}"


def _people(members: Iterable[bytes]) -> list[int]:
    return sorted({int(member.partition(b":")[0]) for member in members})
