"""Who is measured: each server is started once, with two processes on a port of its own, and answers POST /graphql."""

import http.client
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from tests.bench.npm import packages_of
from tests.bench.read.queries import Query, token
from tests.bench.serving import Served

PROCESSES = 2
#: How the project is served, and whatever is compared to it at the same door.
GRANIAN = (
    *("-m", "granian", "--interface", "wsgi", "--workers", str(PROCESSES), "--blocking-threads", "1"),
    *("--host", "127.0.0.1", "--no-ws", "--log-level", "warning"),
)
#: As in production: each thread keeps its connection, and what is prepared on it.
KEPT_CONNECTIONS = {"DATABASE_POOL": "0"}


class Server(Served):
    """One server of the project's schema, or of the peer's, over HTTP."""

    application: ClassVar[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    def command(self) -> Sequence[str]:
        return [sys.executable, *GRANIAN, "--port", str(self.port), self.application]

    def body(self, query: Query, k: int, sizes: Mapping[str, int]) -> dict[str, Any]:
        """What viewer k sends it."""
        variables = query.variables(k, dict(sizes))
        return {"operationName": query.operation, "query": query.document(), "variables": variables}

    def absence(self) -> str:
        """Why it cannot be measured here, in a sentence; nothing when it can."""
        return ""

    def __enter__(self) -> "Server":
        super().__enter__()
        return self

    def connect(self) -> "Client":
        """One keep-alive connection to it."""
        return Client(self)

    def answers(self) -> bool:
        try:
            client = self.connect()
            client.post(0, {"query": "{ __typename }", "operationName": None})
            return True
        except OSError:
            return False


class Client:
    """One connection, for one request after the other."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def post(self, k: int, body: Mapping[str, Any]) -> bytes:
        """What viewer k is answered, as bytes. Raises `OSError`."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token(k)}"}
        self._connection.request("POST", "/graphql", json.dumps(body), headers)
        return self._connection.getresponse().read()

    def ask(self, query: Query, k: int, sizes: Mapping[str, int]) -> Any:
        """What viewer k is answered to a query."""
        return json.loads(self.post(k, self.server.body(query, k, sizes)))


class Acequia(Server):
    """The project, over HTTP."""

    name = "acequia"
    application = "config.wsgi:application"
    more = KEPT_CONNECTIONS


class Limit(Server):
    """Hand-written statements behind nothing; see `limit/wsgi.py`."""

    name = "limit"
    application = "tests.bench.read.limit.wsgi:application"


class Plain(Server):
    """The resolvers that one writes with strawberry and Django after their documentation."""

    name = "plain"
    application = "tests.oracle.wsgi:application"
    more = KEPT_CONNECTIONS | {"DJANGO_SETTINGS_MODULE": "tests.oracle.settings"}


class Postgraphile(Server):
    """The peer: PostGraphile 4 in Node, over the same tables and some functions (`postgraphile/`)."""

    name = "postgraphile"
    #: Connections a process: as many as the project may hold.
    connections = 6
    #: Where its packages are named.
    source = Path(__file__).with_name("postgraphile")

    def command(self) -> Sequence[str]:
        self.environment |= {
            "NODE_ENV": "production",
            "NODE_PATH": str(packages_of(self.source)),
            "PORT": str(self.port),
            "PROCESSES": str(PROCESSES),
            "CONNECTIONS": str(self.connections),
        }
        return [shutil.which("node") or "node", str(self.source / "server.js")]

    def body(self, query: Query, k: int, sizes: Mapping[str, int]) -> dict[str, Any]:
        variables = query.peer_variables(k, dict(sizes))
        return {"operationName": query.operation, "query": query.peer_document(), "variables": variables}


SERVERS: dict[str, type[Server]] = {server.name: server for server in (Limit, Acequia, Postgraphile, Plain)}
