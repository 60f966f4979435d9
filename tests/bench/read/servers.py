"""Who is measured: each server is started once, with two processes on a port of its own, and answers POST /graphql."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from config.local.places import CHECKOUT
from config.local.processes import start, stop, wait_until
from tests.bench.read.queries import Query, token

PROCESSES = 2
#: How the project is served, and whatever is compared to it at the same door.
GRANIAN = (
    *("-m", "granian", "--interface", "wsgi", "--workers", str(PROCESSES), "--blocking-threads", "1"),
    *("--host", "127.0.0.1", "--no-ws", "--log-level", "warning"),
)
#: As in production: each thread keeps its connection, and what is prepared on it.
KEPT_CONNECTIONS = {"DATABASE_POOL": "0"}
_READY_SECONDS = 60
_HERE = Path(__file__).parent


class Server:
    """One server; it runs while its `with` block does."""

    name: ClassVar[str]
    application: ClassVar[str]
    #: What else is in its environment.
    more: ClassVar[Mapping[str, str]] = {}

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = {**environment, **self.more}
        self.log = folder / f"{self.name}.log"
        self.port = _free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def pid(self) -> int:
        return self._process.pid

    def command(self) -> Sequence[str]:
        """How it is started."""
        return [sys.executable, *GRANIAN, "--port", str(self.port), self.application]

    def body(self, query: Query, k: int, sizes: Mapping[str, int]) -> dict[str, Any]:
        """What viewer k sends it."""
        variables = query.variables(k, dict(sizes))
        return {"operationName": query.operation, "query": query.document(), "variables": variables}

    def absence(self) -> str:
        """Why it cannot be measured here, in a sentence; nothing when it can."""
        return ""

    def __enter__(self) -> "Server":
        with self.log.open("w") as output:
            self._process = start(
                self.command(),
                environment=self.environment,
                folder=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            settled = wait_until(lambda: self._process.poll() is not None or self._answers(), _READY_SECONDS)
            if not settled or self._process.poll() is not None:
                raise SystemExit(f"{self.name} does not serve; what it said is in {self.log}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        stop(self._process, (signal.SIGTERM, 10.0))

    def connect(self) -> "Client":
        """One keep-alive connection to it."""
        return Client(self)

    def _answers(self) -> bool:
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
    #: Where its packages are installed.
    packages = CHECKOUT / "bench" / "npm"

    def command(self) -> Sequence[str]:
        self.environment |= {
            "NODE_ENV": "production",
            "NODE_PATH": str(self.packages / "node_modules"),
            "PORT": str(self.port),
            "PROCESSES": str(PROCESSES),
            "CONNECTIONS": str(self.connections),
        }
        return [shutil.which("node") or "node", str(_HERE / "postgraphile" / "server.js")]

    def body(self, query: Query, k: int, sizes: Mapping[str, int]) -> dict[str, Any]:
        variables = query.peer_variables(k, dict(sizes))
        return {"operationName": query.operation, "query": query.peer_document(), "variables": variables}


SERVERS: dict[str, type[Server]] = {server.name: server for server in (Limit, Acequia, Postgraphile, Plain)}


def install_postgraphile() -> None:
    """Leaves the peer's locked packages in place; with no network when they are there already."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise SystemExit(
                f"PostGraphile needs {program}, which is not on the PATH: apt-get install nodejs npm"
            )
    folder = Postgraphile.packages
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed.json"
    lock = (_HERE / "package-lock.json").read_text()
    if done.exists() and done.read_text() == lock:
        return
    print("Installing PostGraphile", flush=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_HERE / name, folder / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if installed.returncode:
        raise SystemExit(f"PostGraphile could not be installed:\n{installed.stderr.strip()}")
    done.write_text(lock)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
