"""A house that the tests live beside: web servers and a worker, each a real process.

They have a database of their own, and not pytest's: there rows are rolled back and tables emptied under
whoever serves them, and a worker that runs all the time would write into the logs that other tests look at.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from django.db import connections

from config.local.places import CHECKOUT
from config.local.processes import start, stop, wait_until
from config.settings import env

#: The alias of the house's database: `Task.objects.using(LIVE)` reads the truth behind the servers.
LIVE = "live"
#: A server and a worker each import all of Django, on a machine that may be busy.
READY_SECONDS = 60
UVICORN = (
    *("-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", "0"),
    *("--ws-max-size", "65536", "--ws-per-message-deflate", "false"),
    *("--no-access-log", "--timeout-graceful-shutdown", "3"),
)


@dataclass
class Process:
    """One process of the house, and what it has said."""

    name: str
    log: Path
    popen: subprocess.Popen[str]

    def said(self, since: int = 0) -> str:
        """Its log, from a byte on."""
        return self.log.read_bytes()[since:].decode(errors="replace")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.popen.kill()
        self.popen.wait(10)

    def stop(self, seconds: float = 15) -> float:
        """Ask it to end, and say how many seconds it took."""
        begin = time.monotonic()
        self.popen.send_signal(signal.SIGTERM)
        self.popen.wait(seconds)
        return time.monotonic() - begin


@dataclass
class Server(Process):
    """A web server; it chose its own port, so that nobody else can have taken it."""

    def port(self) -> int | None:
        """Where it listens; None before it does."""
        found = re.search(r"running on http://127\.0\.0\.1:(\d+)", self.said())
        return int(found[1]) if found else None

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port()}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port()}/graphql"

    def is_ready(self) -> bool:
        """Whether it listens and reaches its database and its Redis."""
        try:
            return (
                self.port() is not None
                and httpx.get(f"{self.http}/readyz", trust_env=False).status_code == 200
            )
        except httpx.TransportError:
            return False

    def open_files(self) -> int:
        """How many files and connections it holds open."""
        return len(list(Path(f"/proc/{self.popen.pid}/fd").iterdir()))


@dataclass
class House:
    """The processes that stand, and how to add one."""

    environment: dict[str, str]
    folder: Path
    processes: list[Process] = field(default_factory=list)
    #: The two web servers and the worker that every test finds.
    servers: list[Server] = field(default_factory=list)
    worker: Process | None = None
    #: Set by a test that breaks something: it may leave tracebacks in the logs.
    expects_tracebacks: bool = False

    def start_server(self, *options: str, **variables: str) -> Server:
        """One more web server; `await_ready` says when it serves."""
        return self._started(Server, "web", (*UVICORN, *options), variables)

    def start_worker(self, **variables: str) -> Process:
        """One more worker."""
        return self._started(Process, "worker", ("manage.py", "work"), variables)

    @contextlib.contextmanager
    def one_more_server(self, *options: str, **variables: str) -> Iterator[Server]:
        """A web server for one test, which may do to it what it likes."""
        server = self.start_server(*options, **variables)
        try:
            await_ready(server)
            yield server
        finally:
            self.end(server)

    def end(self, process: Process) -> None:
        """Stop a process, whatever state it is in."""
        stop(process.popen, (signal.SIGTERM, 10.0))

    def _started(self, kind: type, name: str, command: tuple[str, ...], variables: dict[str, str]) -> Process:
        log = self.folder / f"{name}-{len(self.processes)}.log"
        with log.open("w") as output:
            popen = start(
                [sys.executable, *command],
                when_orphaned=signal.SIGKILL,
                environment=self.environment | variables,
                folder=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        process = kind(log.stem, log, popen)
        self.processes.append(process)
        return process


def await_ready(*servers: Server) -> None:
    """Wait until these serve; what they said otherwise."""
    for server in servers:
        settled = wait_until(
            lambda server=server: server.popen.poll() is not None or server.is_ready(), READY_SECONDS
        )
        assert settled and server.popen.poll() is None, f"{server.name} does not serve:\n{server.said()}"


def eventually(look: Callable[[], object], seconds: float = 10) -> None:
    """Wait until `look` answers something true; fails with what it answered last."""
    last: object = None

    def is_so() -> bool:
        nonlocal last
        last = look()
        return bool(last)

    assert wait_until(is_so, seconds), f"after {seconds} s: {last!r}"


@pytest.fixture(scope="session")
def standing_house(django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two web servers and a worker, from the first test that needs them to the end of the session."""
    url = urlsplit(env.DATABASE_URL)
    # No pool: a connection of the tests must not outlive the database.
    options = {key: value for key, value in settings.DATABASES["default"]["OPTIONS"].items() if key != "pool"}
    default = settings.DATABASES["default"]
    connections.databases[LIVE] = default | {
        "NAME": f"{url.path[1:]}_{LIVE}",
        "OPTIONS": options,
        # Where processes share the tests, each has the name of its own written there.
        "TEST": default["TEST"] | {"NAME": None},
    }
    creation = connections[LIVE].creation
    with django_db_blocker.unblock():
        name = creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    environment = os.environ | {
        "DATABASE_URL": url._replace(path=f"/{name}").geturl(),
        "REDIS_URL": env.REDIS_URL,
        "PYTHONUNBUFFERED": "1",
    }
    folder = tmp_path_factory.mktemp("house")
    environment["EMAIL_URL"] = f"file://{folder / 'mail'}"
    house = House(environment, folder)
    try:
        house.servers = [house.start_server(), house.start_server()]
        house.worker = house.start_worker()
        await_ready(*house.servers)
        yield house
    finally:
        for process in house.processes:
            house.end(process)
        with django_db_blocker.unblock():
            creation.destroy_test_db(f"{url.path[1:]}_{LIVE}", verbosity=0)
        del connections.databases[LIVE]


@pytest.fixture
def house(standing_house: House, django_db_blocker, request: pytest.FixtureRequest) -> Iterator[House]:
    """The house; a test that leaves a traceback in the log of a process has failed, and its failure shows the logs."""
    begin = {process.name: process.log.stat().st_size for process in standing_house.processes}
    standing_house.expects_tracebacks = False
    with django_db_blocker.unblock():
        yield standing_house
        connections[LIVE].close()
    said = {each.name: each.said(begin.get(each.name, 0)) for each in standing_house.processes}
    for name, text in said.items():
        if text:
            request.node.add_report_section("teardown", f"log of {name}", text)
    loud = [name for name, text in said.items() if "Traceback" in text or "never retrieved" in text]
    assert standing_house.expects_tracebacks or not loud, f"tracebacks in the logs of {loud}"
