"""What one who asks may spend: points, from a bucket that fills again; a person has one, and a network of nobody's."""

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from cachetools import LRUCache
from django.conf import settings
from graphql import GraphQLError

from schema.context import Asker, RateLimit
from schema.limits import count_attempts, pseudonym
from schema.network import network_of
from schema.preparing import BadRequest
from schema.tallies import Away, Taken, own_tallies, tallies


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many points there are at most, and how many come back a second."""

    most: int
    pace: int


#: A point is about a third of a millisecond of this machine: a person may keep a sixtieth of it busy for good.
PERSON, NETWORK = Bucket(2_000, 50), Bucket(500, 10)
#: What a request costs that is refused before it has a price, and a subscription when it begins.
REFUSED, SUBSCRIBED = 2, 10
#: Seconds for which a process keeps points that it has taken for somebody. It takes what comes back in one second, so that
#: whoever asks often costs one question to Redis a second and not one a request.
_LEASED = 30.0

#: What this process holds of whose bucket: points, until when, and what the bucket had left; or until when it is empty.
_leases: LRUCache[str, "_Lease"] = LRUCache(50_000)
_lock = Lock()


@dataclass(slots=True)
class _Lease:
    points: float
    until: float
    left: float
    #: Until when the bucket has too little for whoever wants as much as was refused.
    empty_until: float = 0.0
    refused: float = 0.0


class Meter:
    """What one request, or one socket, spends."""

    __slots__ = ("_address", "_bucket", "_whose", "rate_limit")

    def __init__(self, asker: Asker | None, address: str) -> None:
        self._address = address
        self._bucket = PERSON if asker else NETWORK
        whose = f"person {asker.user_id}" if asker else f"network {network_of(address)}"
        self._whose = f"points:{pseudonym(whose)}"
        factor: float = settings.RATE_LIMITS
        #: What the schema's `rateLimit` tells; none where nothing is limited.
        self.rate_limit = RateLimit(round(self._bucket.most * factor)) if factor else None

    def pay(self, points: int) -> None:
        """Spend so many. Raises `BadRequest` (429) where there are not enough."""
        if self.rate_limit is None:
            return
        # What is refused before it has a price was asked all the same.
        points = max(points, 1)
        left, wait = _spend(self._whose, self._bucket, points)
        said = self.rate_limit
        said.cost, said.remaining = said.cost + points, max(0, math.floor(left))
        missing = said.limit - left
        said.reset_at = datetime.now(UTC) + timedelta(
            seconds=missing / (self._bucket.pace * settings.RATE_LIMITS)
        )
        if wait:
            raise _too_much(wait)

    def pay_for_refusal(self, attempts: int, was_read: bool) -> None:
        """The same for what was refused before it had a price, which may have carried logins. Raises `BadRequest`.

        What had to be read for that has been paid for.
        """
        count_attempts(self._address, attempts)
        if not was_read:
            self.pay(REFUSED)
        if attempts and self.rate_limit is not None:
            # It is answered already, so it costs what is left where that is less.
            self.pay(min(attempts, self.rate_limit.remaining))


def _too_much(wait: float) -> BadRequest:
    seconds = max(1, math.ceil(wait))
    error = GraphQLError(f"Too much in a short time; try again in {seconds} s.")
    return BadRequest(error, code="RATE_LIMITED", status=429, retry_after=seconds)


def _spend(whose: str, bucket: Bucket, points: int) -> tuple[float, float]:
    """What is left of a bucket after so many points; and after how many seconds there are enough, where there are not."""
    now = time.monotonic()
    with _lock:
        lease = _leases.get(whose)
        if lease is not None:
            if now < lease.empty_until and points >= lease.refused:
                # Whoever goes on asking for as much is told no by the process alone; less there may be.
                return lease.left, lease.empty_until - now
            if now < lease.until and lease.points >= points:
                lease.points -= points
                return lease.left + lease.points, 0
        # While Redis is asked, they are this request's.
        held = lease.points if lease is not None and now < lease.until else 0
        if lease is not None:
            lease.points = 0
    factor: float = settings.RATE_LIMITS
    most, pace = bucket.most * factor, bucket.pace * factor
    least = points - held
    taken = _take(whose, most=most, pace=pace, wanted=max(least, pace), least=least)
    with _lock:
        if taken.wait:
            _leases[whose] = _Lease(held, now + _LEASED, max(taken.left, 0), now + taken.wait, points)
            return max(taken.left, 0) + held, taken.wait
        spare = held + taken.taken - points
        if (again := _leases.get(whose)) is not None and now < again.until:
            spare += again.points  # What another thread has taken meanwhile.
        _leases[whose] = _Lease(spare, now + _LEASED, taken.left)
        return taken.left + spare, 0


def _take(whose: str, *, most: float, pace: float, wanted: float, least: float) -> Taken:
    try:
        return tallies().take(whose, most=most, pace=pace, wanted=wanted, least=least)
    except Away:
        return own_tallies().take(whose, most=most, pace=pace, wanted=wanted, least=least)


def forget_leases() -> None:
    """As a process begins."""
    with _lock:
        _leases.clear()
