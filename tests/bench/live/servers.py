"""Who is measured: one process each, on a port of its own, and how its events are published."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.bench import npm
from tests.bench.live.events import PLAIN, VIEWER
from tests.bench.live.publisher import Committed, Framed, Grouped, Published
from tests.bench.serving import Served

#: As in production; no compression, which nobody here does.
UVICORN = (
    *("-m", "uvicorn", "--host", "127.0.0.1", "--no-access-log", "--log-level", "warning"),
    *("--ws-max-size", "65536", "--ws-per-message-deflate", "false"),
)


class Pushing(Served):
    """One server that pushes."""

    #: What its clients follow; None: they speak no GraphQL, and the path says the board.
    document: ClassVar[str | None] = PLAIN
    publisher: ClassVar[str]
    #: What share of a load's sockets it is given: what cannot keep up measures its own queue.
    share: ClassVar[float] = 1.0
    #: Whether what PostgreSQL does is done for it.
    has_database: ClassVar[bool] = False

    def __enter__(self) -> "Pushing":
        super().__enter__()
        return self


class _OnUvicorn(Pushing):
    application: ClassVar[str]

    def command(self) -> Sequence[str]:
        return [sys.executable, *UVICORN, "--port", str(self.port), self.application]


class Acequia(_OnUvicorn):
    """The project: log, hub, planner, and a different person on each socket."""

    name = "acequia"
    application = "config.asgi:application"
    publisher = Committed.name
    has_database = True


class AcequiaViewer(Acequia):
    """The same, asked for what the task is to each person."""

    name = "acequia-viewer"
    document = VIEWER


class Limit(Pushing):
    """Ready bytes; see `limit.py`."""

    name = "limit"
    document = None
    publisher = Framed.name

    def command(self) -> Sequence[str]:
        self.environment["PORT"] = str(self.port)
        return [sys.executable, "-m", "tests.bench.live.limit"]


class GraphqlWs(Pushing):
    """The peer in Node (`graphql_ws/`)."""

    name = "graphql-ws"
    publisher = Published.name
    #: Where its packages are named.
    source = Path(__file__).with_name("graphql_ws")

    def command(self) -> Sequence[str]:
        self.environment |= {
            "NODE_ENV": "production",
            "NODE_PATH": str(npm.packages_of(self.source)),
            "PORT": str(self.port),
        }
        return [shutil.which("node") or "node", str(self.source / "server.js")]


class Strawberry(_OnUvicorn):
    """The peer in Python; see `strawberry_peer.py`."""

    name = "strawberry"
    application = "tests.bench.live.strawberry_peer:application"
    publisher = Grouped.name
    share = 0.2


SERVERS: dict[str, type[Pushing]] = {
    server.name: server for server in (Limit, Acequia, AcequiaViewer, GraphqlWs, Strawberry)
}
