"""Whose page may open a connection that stays, and what it says of who comes."""

from collections import Counter

from django.conf import settings

from realtime.database import ADMITTING
from realtime.outlets import Scope
from schema.cookies import token_in
from schema.meters import Meter
from schema.network import client_address, network_of
from schema.origins import is_allowed


def may_enter(scope: Scope) -> bool:
    """Whether its origin is allowed: scheme, host and port of the page, as a whole.

    A program that is no browser sends none, and no cookie either: a browser sends both, wherever its page is from.
    """
    origin = header(scope, b"origin")
    return is_allowed(origin) if origin is not None else not _cookie(scope)


def network_of_client(scope: Scope) -> str:
    """Where the connection comes from, as what is counted as one."""
    peer = scope.get("client") or ("",)
    forwarded = ",".join(
        value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"
    )
    return network_of(client_address(peer[0], forwarded))


class Visitors:
    """How many connections each network holds open at this process."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, network: str) -> bool:
        """Count one more of it; false, and it is not counted, where it has as many as it may."""
        most: int = settings.SOCKETS_OF_ONE_NETWORK
        if most and self._open[network] >= most:
            return False
        self._open[network] += 1
        return True

    def exit(self, network: str) -> None:
        """One of those that entered has gone."""
        self._open[network] -= 1
        if not self._open[network]:
            del self._open[network]


#: Of this process, sockets and event streams together.
VISITORS = Visitors()


def token_of(scope: Scope) -> str:
    """The `Authorization` that the connection itself brings: its header's, or that of its cookie."""
    cookie = _cookie(scope)
    return f"Bearer {cookie}" if cookie else ""


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that name."""
    return next((value.decode("latin-1") for each, value in scope["headers"] if each == name), None)


def _cookie(scope: Scope) -> str:
    return token_in(header(scope, b"cookie") or "")


async def paid(meter: Meter | None, points: int) -> None:
    """Spend so many points, beside the loop where Redis may have to be asked. Raises `BadRequest`."""
    if meter is not None and meter.rate_limit is not None:
        await ADMITTING.run(lambda: meter.pay(points))
