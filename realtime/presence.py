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

#: The time is Redis's own, so that no two processes need to agree on one. KEYS: the processes at a place, by the time until
#: which each of them counts; and the people that one of them has there.
_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) "
_KEEP = """
    redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    return redis.call('PEXPIRE', KEYS[2], ARGV[1])
    """
#: Somebody came (1) or left (0).
_CHANGE = f"""{_NOW}
    for i = 3, #ARGV, 2 do redis.call(ARGV[i] == '1' and 'SADD' or 'SREM', KEYS[2], ARGV[i + 1]) end
    {_KEEP}"""
#: They are still there; 0 when Redis has forgotten that they were.
_RENEW = f"{_NOW} {_KEEP}"
_READ = f"""{_NOW}
    local people = {{}}
    for _, process in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')) do
        if process ~= ARGV[1] then
            for _, person in ipairs(redis.call('SMEMBERS', KEYS[1] .. ':' .. process)) do table.insert(people, person) end
        end
    end
    return people"""


class Presence:
    """The people who look at something through this process, and how others hear of them.

    `when_changed` is given the stream of what they look at, when Redis knows it.
    """

    def __init__(self, when_changed: Callable[[str], Awaitable[None]]) -> None:
        self._when_changed = when_changed
        self._here: dict[str, Counter[int]] = {}
        self._process = uuid.uuid4().hex[:12]
        self._redis: Any = None
        #: Who came or left since Redis was told.
        self._changed: dict[str, set[int]] = {}
        self._writing: asyncio.Task[None] | None = None

    def enter(self, stream: str, person: int) -> None:
        """They look at it, once more."""
        people = self._here.setdefault(stream, Counter())
        people[person] += 1
        if people[person] == 1:
            self._say(stream, person)

    def leave(self, stream: str, person: int) -> None:
        """They look at it once less."""
        people = self._here[stream]
        people[person] -= 1
        if not people[person]:
            del people[person]
            self._say(stream, person)
        if not people:
            del self._here[stream]

    async def renew(self) -> None:
        """They are all still there. Raises `RedisError`."""
        self._say_soon()
        for stream in [*self._here]:
            if not await self._eval(_RENEW, stream) and stream in self._here:
                await self._change(stream, self._here[stream])

    async def at(self, stream: str) -> list[int]:
        """Who looks at it now, wherever they are connected. Raises `RedisError`."""
        elsewhere = _people(await self._client().eval(_READ, 1, _key(stream), self._process))
        # Of its own people a process knows more than it has told.
        return sorted({*elsewhere, *self._here.get(stream, ())})

    def _say(self, stream: str, person: int) -> None:
        self._changed.setdefault(stream, set()).add(person)
        self._say_soon()

    def _say_soon(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._say_changes())

    async def _say_changes(self) -> None:
        while self._changed:
            stream, people = self._changed.popitem()
            try:
                await self._change(stream, people)
                await self._when_changed(stream)
            except (redis.RedisError, OSError, TimeoutError) as error:
                # Said again when they are renewed.
                self._changed.setdefault(stream, set()).update(people)
                log.info("who looks at %s could not be told: %r", stream, error)
                return

    async def _change(self, stream: str, people: Iterable[int]) -> None:
        here = self._here.get(stream, ())
        changes = [part for person in people for part in (int(person in here), person)]
        await self._eval(_CHANGE, stream, *changes)

    async def _eval(self, script: str, stream: str, *more: int) -> Any:
        key = _key(stream)
        keys = (key, f"{key}:{self._process}")
        return await self._client().eval(script, 2, *keys, int(KEEP * 1000), self._process, *more)

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
            return _people(cast(list[bytes], self._redis.eval(_READ, 1, _key(stream), "")))
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
    return sorted({*map(int, members)})
