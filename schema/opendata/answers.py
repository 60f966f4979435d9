"""Answers that are kept a minute for whoever asks the same: in Redis for all processes, made by one while others wait.

Only what holds is kept, an answer without errors and of bounded size, under a hash of all that decides it: so nobody can
have anything kept under another question. Without Redis each process makes its answers itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256
from secrets import token_hex
from threading import Event, Lock
from typing import cast

import orjson
import redis
from django.conf import settings
from graphql import print_ast
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from schema.documents import Operation
from schema.tallies import AWAY, PATIENCE

#: Seconds for which an answer is kept.
KEPT = 60
#: Bytes of the largest that is.
LARGEST = 256 * 1024
#: Seconds that one waits for another's answer; then they make it themselves. Longer than most take.
WAIT = 2.0
_LOOK = 0.01

# Only whoever has the lock gives it back: it may have lapsed, and be another's by now.
_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


def key_of(operation: Operation, variables: dict[str, object], version: str) -> str:
    """What an answer is kept under: what is asked, however it is written, with which values, of which schema."""
    said = orjson.dumps([version, _text_of(operation), variables], option=orjson.OPT_SORT_KEYS, default=str)
    return sha256(said).hexdigest()


@dataclass(slots=True)
class _Flight:
    """An answer that somebody in this process is getting."""

    done: Event = field(default_factory=Event)
    answer: bytes | None = None


class Answers:
    """Those of one house."""

    def __init__(self, url: str, prefix: str = "acequia:open:") -> None:
        self._prefix = prefix
        self._client = redis.Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self._unlock = self._client.register_script(_UNLOCK)
        self._away_until = 0.0
        self._flights: dict[str, _Flight] = {}
        self._lock = Lock()

    def get(self, key: str, make: Callable[[], bytes | None]) -> bytes | None:
        """The answer under a key; where there is none, what `make` makes: kept, unless that is None.

        Of all who ask at once, one makes it; whoever has waited `WAIT` seconds makes their own. Raises what `make` raises.
        """
        with self._lock:
            flight = self._flights.get(key)
            is_first = flight is None
            if flight is None:
                flight = self._flights[key] = _Flight()
        if not is_first:
            flight.done.wait(WAIT)
            return make() if flight.answer is None else flight.answer
        try:
            flight.answer = self._from_redis(key, make)
            return flight.answer
        finally:
            with self._lock:
                del self._flights[key]
            flight.done.set()

    def _from_redis(self, key: str, make: Callable[[], bytes | None]) -> bytes | None:
        name, token = self._prefix + key, token_hex(8)
        until = time.monotonic() + WAIT
        try:
            while time.monotonic() >= self._away_until:
                found = self._client.get(name)
                if found is not None:
                    return cast(bytes, found)
                if self._client.set(f"{name}:made", token, nx=True, px=int(WAIT * 1000)):
                    return self._made(name, token, make)
                if time.monotonic() >= until:
                    break
                time.sleep(_LOOK)
        except RedisError:
            self._away_until = time.monotonic() + AWAY
        return make()

    def _made(self, name: str, token: str, make: Callable[[], bytes | None]) -> bytes | None:
        answer = None
        try:
            answer = make()
        finally:
            self._keep(name, token, answer)
        return answer

    def _keep(self, name: str, token: str, answer: bytes | None) -> None:
        try:
            if answer is not None and len(answer) <= LARGEST:
                self._client.set(name, answer, ex=KEPT)
            self._unlock([f"{name}:made"], [token])
        except RedisError:
            self._away_until = time.monotonic() + AWAY


@cache
def answers() -> Answers:
    """Those of this process's Redis."""
    return Answers(settings.REDIS_URL)


@lru_cache(maxsize=512)
def _text_of(operation: Operation) -> str:
    fragments = [print_ast(operation.fragments[name]) for name in sorted(operation.fragments)]
    return "\n".join([print_ast(operation.definition), *fragments])
