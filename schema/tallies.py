"""How much and how often things were done lately: in Redis for all processes; in each alone, at half, while it is away."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import redis
from cachetools import LRUCache
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

Result = TypeVar("Result")

#: Seconds that Redis has for an answer; and how long nobody asks it again when it had none.
PATIENCE, AWAY = 0.1, 1.0
#: Who is remembered in a process while Redis is away.
_REMEMBERED = 10_000

# A bucket that fills at a steady pace, as the moment at which it will be full (GCRA). Whoever wants more than it holds is
# let into debt, so that nothing that may be asked costs more than anybody ever has.
_TAKE = """
local now = redis.call('TIME'); now = now[1] + now[2] / 1000000
local most, pace, wanted, least = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local left = most - (full - now) * pace
local needed = math.min(least, most)
if left + 0.000001 < needed then
  return {'0', string.format('%.3f', left), string.format('%.3f', (needed - left) / pace)}
end
local taken = math.max(math.min(wanted, left), least)
full = full + taken / pace
redis.call('SET', KEYS[1], string.format('%.6f', full), 'PX', math.ceil((full - now) * 1000) + 1000)
return {string.format('%.3f', taken), string.format('%.3f', left - taken), '0'}
"""

# The moments of the last `most` times, newest first: exact, whenever one looks.
_COUNT = """
local now = redis.call('TIME'); now = now[1] + now[2] / 1000000
local times, forced, wait = tonumber(ARGV[1]), ARGV[2] == '1', 0
for i, key in ipairs(KEYS) do
  local most, seconds = tonumber(ARGV[1 + 2 * i]), tonumber(ARGV[2 + 2 * i])
  local oldest = redis.call('LINDEX', key, most - math.min(times, most))
  if oldest then wait = math.max(wait, oldest + seconds - now) end
end
if wait > 0 and not forced then return string.format('%.3f', wait) end
for i, key in ipairs(KEYS) do
  local most, seconds = tonumber(ARGV[1 + 2 * i]), tonumber(ARGV[2 + 2 * i])
  for _ = 1, math.min(times, most) do redis.call('LPUSH', key, string.format('%.6f', now)) end
  redis.call('LTRIM', key, 0, most - 1)
  redis.call('EXPIRE', key, math.ceil(seconds))
end
return '0'
"""


class Away(Exception):
    """Redis does not answer."""


class Taken(NamedTuple):
    """What was taken of a bucket, what it holds still, and after how many seconds there is enough if it was not."""

    taken: float
    left: float
    wait: float


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted under a key: at most so many in so many seconds."""

    key: str
    most: int
    seconds: int


class Tallies:
    """The counts of all processes. Raises `Away`, at once where it was away a moment ago."""

    def __init__(self, url: str, prefix: str = "acequia:limit:") -> None:
        self._prefix = prefix
        client = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            # A second try would wait as long again; a connection that Redis has closed is the next one's to make.
            retry=Retry(NoBackoff(), 0),
        )
        self._take = client.register_script(_TAKE)
        self._count = client.register_script(_COUNT)
        self._away_until = 0.0

    def take(self, key: str, *, most: float, pace: float, wanted: float, least: float) -> Taken:
        """Take `wanted` points, or as many of them as there are, but not fewer than `least`; else none."""
        answer = self._ask(lambda: self._take([self._prefix + key], [most, pace, wanted, least]))
        return Taken(*map(float, answer))

    def count(self, counted: Sequence[Counted], times: int = 1, *, forced: bool = False) -> float:
        """Count what was done now under each of these keys, or, where one has no room, under none of them.

        Says after how many seconds there is room; 0 where it was counted. `forced`: it is counted whatever there is.
        """
        arguments: list[Any] = [times, int(forced)]
        for each in counted:
            arguments += each.most, each.seconds
        return float(self._ask(lambda: self._count([self._prefix + each.key for each in counted], arguments)))

    def _ask(self, ask: Callable[[], Result]) -> Result:
        if time.monotonic() < self._away_until:
            raise Away
        try:
            return ask()
        except RedisError as error:
            self._away_until = time.monotonic() + AWAY
            raise Away from error


class OwnTallies:
    """The same counts, of one process and with half of everything: what stands in for Redis while it is away."""

    def __init__(self) -> None:
        self._full: LRUCache[str, float] = LRUCache(_REMEMBERED)
        self._times: LRUCache[str, deque[float]] = LRUCache(_REMEMBERED)
        self._lock = Lock()

    def take(self, key: str, *, most: float, pace: float, wanted: float, least: float) -> Taken:
        """As `Tallies.take`."""
        now, most, pace = time.monotonic(), most / 2, pace / 2
        with self._lock:
            full = max(self._full.get(key, 0.0), now)
            left = most - (full - now) * pace
            needed = min(least, most)
            if left < needed:
                return Taken(0, left, (needed - left) / pace)
            taken = max(min(wanted, left), least)
            self._full[key] = full + taken / pace
            return Taken(taken, left - taken, 0)

    def count(self, counted: Sequence[Counted], times: int = 1, *, forced: bool = False) -> float:
        """As `Tallies.count`."""
        now, wait = time.monotonic(), 0.0
        with self._lock:
            logs = []
            for each in counted:
                most = max(each.most // 2, 1)
                log = self._times.get(each.key) or deque(maxlen=most)
                logs.append((each.key, log))
                at = most - min(times, most)
                if at < len(log):
                    wait = max(wait, log[at] + each.seconds - now)
            if wait <= 0 or forced:
                for key, log in logs:
                    log.extendleft([now] * min(times, log.maxlen or times))
                    self._times[key] = log
                return 0.0
        return wait


@cache
def tallies() -> Tallies:
    """Those of this process's Redis."""
    return Tallies(settings.REDIS_URL)


@cache
def own_tallies() -> OwnTallies:
    """What this process counts by itself."""
    return OwnTallies()
