"""How often what may be done: declared with a mutation, counted before it is done, exact over all processes."""

import hashlib
import math
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from django.conf import settings

from backend.accounts.addresses import clean_email
from backend.core.refusals import Invalid, Refusal
from schema import devices
from schema.context import Context
from schema.network import network_of
from schema.tallies import Away, Counted, own_tallies, tallies


class RateLimited(Refusal):
    """It was done too often lately; `retry_after` seconds from now it may be done again."""

    code = "RATE_LIMITED"

    def __init__(self, retry_after: float) -> None:
        self.retry_after = max(1, math.ceil(retry_after))
        super().__init__(f"Too often; try again in {self.retry_after} s.")


class Unavailable(Refusal):
    """What may be done so often only cannot be counted now, so it is not done."""

    code = "UNAVAILABLE"
    message = "It cannot be done at this moment, and nothing was done. Try again later."
    retry_after = 2


class By(Enum):
    """Whose doings are counted together."""

    PERSON = "person"
    #: A network: an IPv4 address, or the /64 of an IPv6 address, which is what one household has.
    ADDRESS = "address"
    #: The account whose e-mail address the input names, whoever asks; a device that it knows has a count of its own.
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many in so many seconds."""

    name: str
    most: int
    seconds: int
    by: By
    #: Nothing is done while nobody counts: without Redis the processes' own counts would add up.
    fails_closed: bool = False


#: Ten guesses an account in a quarter of an hour, however they are sent; more of one network, which may be a school.
LOG_IN = (
    Limit("log-in", 10, 900, By.ACCOUNT, fails_closed=True),
    Limit("log-in", 50, 900, By.ADDRESS, fails_closed=True),
)
SIGN_UP = (Limit("sign-up", 5, 1_800, By.ADDRESS, fails_closed=True),)
#: What sends a letter to an address that anybody may name.
LETTER = (
    Limit("letter", 3, 3_600, By.ACCOUNT, fails_closed=True),
    Limit("letter", 20, 3_600, By.ADDRESS, fails_closed=True),
)
#: What sends a letter to whoever asks for it.
OWN_LETTER = (Limit("own-letter", 5, 3_600, By.PERSON, fails_closed=True),)
#: What is tried with a secret that one was sent, or knows: a password, a code, a link.
PROOF = (
    Limit("proof", 10, 900, By.PERSON, fails_closed=True),
    Limit("proof", 50, 900, By.ADDRESS, fails_closed=True),
)
POSTS = (Limit("posts", 30, 60, By.PERSON), Limit("posts-an-hour", 300, 3_600, By.PERSON))
FOLLOWS = (Limit("follows", 60, 60, By.PERSON), Limit("follows-an-hour", 1_000, 3_600, By.PERSON))
#: Files that are announced; how many bytes one may keep is a quota.
UPLOADS = (Limit("uploads", 30, 1_800, By.PERSON),)
CLAIMS = (Limit("claims", 60, 60, By.PERSON),)
#: Whatever else is done; whoever cuts a project into a hundred tasks does not wait.
WRITES = (Limit("writes", 120, 60, By.PERSON), Limit("writes-an-hour", 2_000, 3_600, By.PERSON))


def count_deed(limits: tuple[Limit, ...], context: Context, input: Any = None) -> None:
    """Count one deed of whoever asks. Raises `RateLimited`, `Unavailable`, and then it is not to be done."""
    device = _device(input)
    if device is not None:
        # Neither what is guessed at its account from elsewhere nor what its neighbours do shuts out a known device.
        limits = tuple(limit for limit in limits if limit.by is By.ACCOUNT)
    counted = [_counted(limit, context, input, device) for limit in limits]
    _count([each for each in counted if each], limits)


def count_log_in(*, email: str, address: str) -> None:
    """Count one try to log in that is no mutation: a form of a page's. Raises `RateLimited`, `Unavailable`."""
    whose = {By.ACCOUNT: _spelled(email), By.ADDRESS: network_of(address)}
    _count([_of(limit, whose[limit.by]) for limit in LOG_IN], LOG_IN)


def count_attempts(address: str, attempts: int) -> None:
    """Count logins that a document asked for which was refused whole: each was a try all the same."""
    limits = tuple(limit for limit in LOG_IN if limit.by is By.ADDRESS)
    if settings.RATE_LIMITS and attempts:
        counted = [_of(limit, network_of(address)) for limit in limits]
        try:
            tallies().count(counted, attempts, forced=True)
        except Away:
            own_tallies().count(counted, attempts, forced=True)


def _count(counted: list[Counted], limits: tuple[Limit, ...]) -> None:
    if not settings.RATE_LIMITS or not counted:
        return
    try:
        wait = tallies().count(counted)
    except Away:
        if any(limit.fails_closed for limit in limits):
            raise Unavailable from None
        wait = own_tallies().count(counted)
    if wait > 0:
        raise RateLimited(wait)


def _counted(limit: Limit, context: Context, input: Any, device: str | None) -> Counted | None:
    match limit.by:
        case By.PERSON:
            return _of(limit, str(context.viewer.pk)) if context.viewer else None
        case By.ADDRESS:
            return _of(limit, network_of(context.address))
        case By.ACCOUNT:
            return _of(limit, f"device {device}" if device else _spelled(input.email))


def _device(input: Any) -> str | None:
    token = getattr(input, "device_token", None)
    return devices.device_of(token, email=_spelled(input.email)) if token else None


def _spelled(email: str) -> str:
    try:
        return clean_email(email)
    except Invalid:
        return email[:254]


def _of(limit: Limit, whose: str) -> Counted:
    most = max(1, round(limit.most * settings.RATE_LIMITS))
    return Counted(f"{limit.name}:{limit.by.value}:{pseudonym(whose)}", most, limit.seconds)


def pseudonym(whose: str) -> str:
    """What somebody is called where things are counted: nobody who reads it learns an address (BLAKE2b, keyed)."""
    return hashlib.blake2b(whose.encode(errors="replace"), key=_key(), digest_size=12).hexdigest()


@cache
def _key() -> bytes:
    return hashlib.sha256(b"acequia.limits" + settings.SECRET_KEY.encode()).digest()
