"""Both servers of production, each with the door of its own: granian before Django (WSGI), uvicorn behind it (ASGI)."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.config.test_environment import SAFE
from tests.serving import House, Server, await_ready

#: What a server must be told, safe as it is; over what the tests' own processes are told.
PRODUCTION = {name: value for name, value in SAFE.items() if name not in ("DATABASE_URL", "REDIS_URL")} | {
    "DEVELOPMENT": "0",
    # What a test asks in a second is more than anybody may.
    "RATE_LIMITS": "0",
    "ALLOWED_HOSTS": f"{SAFE['ALLOWED_HOSTS']},127.0.0.1",
    "ALLOWED_ORIGINS": "https://acequia.example.org",
}
#: What the proxy that ends TLS adds to a request.
BEHIND_A_PROXY = {"X-Forwarded-Proto": "https"}


class Granian(Server):
    """The WSGI server; it cannot choose a port by itself, so it is told one that was free."""

    where: int

    def port(self) -> int | None:
        """Where it listens; None before it does."""
        return self.where if "Started worker" in self.said() else None


@contextmanager
def granian(house: House, **variables: str) -> Iterator[Server]:
    """A WSGI server beside the house, as README starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ("-m", "granian", "--interface", "wsgi", "--blocking-threads", "1", "--no-ws")
    where = ("--host", "127.0.0.1", "--port", str(port), "config.wsgi:application")
    server = house._started(
        Granian, "granian", (*command, *where), {"DATABASE_POOL": "0", "RATE_LIMITS": "0", **variables}
    )
    server.where = port
    try:
        await_ready(server)
        yield server
    finally:
        house.end(server)
