"""The servers: each a process of its own, which may be made to die, and is started again."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.local.places import CHECKOUT
from config.local.processes import start, stop
from tests.chaos.points import LAST_WORD

#: What a worker is there for. Any could do both; apart, a death tells which half of an event's path it hit.
HTTP, SOCKETS = "http", "sockets"
#: Each imports all of Django, on a machine that may be busy.
_READY_SECONDS = 60.0
_LISTENS = re.compile(r"running on http://127\.0\.0\.1:(\d+)")


@dataclass(eq=False)
class Worker:
    """One process that serves; it chose its own port, so that nobody else can have taken it."""

    name: str
    role: str
    log: Path
    popen: subprocess.Popen[str]
    #: The point at which it is to die; none: when it is killed from outside.
    doom: str = ""
    port: int = 0
    is_killed: bool = False

    @property
    def ws(self) -> str:
        """Where sockets are opened."""
        return f"ws://127.0.0.1:{self.port}/graphql"

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self.popen.poll() is None

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(errors="replace")

    def died_at(self) -> str:
        """The point at which it died by itself; nothing if it ended in any other way."""
        return self.doom if self.doom and f"{LAST_WORD} {self.doom}" in self.said() else ""

    def ended_by_itself(self) -> bool:
        """Whether it has ended, and neither at its point nor by our hand."""
        return not (self.lives or self.is_killed or self.died_at())

    def kill(self) -> None:
        """It ends as in a power cut, and has ended."""
        self.is_killed = True
        stop(self.popen)


class Fleet:
    """All processes that serve one application, the dead ones included."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        ping: int,
        application: str = "config.asgi:application",
    ) -> None:
        self.workers: list[Worker] = []
        self._environment = environment
        self._folder = folder
        self._application = application
        pings = ("--ws-ping-interval", str(ping), "--ws-ping-timeout", str(ping))
        # Those of `make run`, but for the port.
        self._arguments = (
            *("--host", "127.0.0.1", "--port", "0", "--ws-max-size", "65536", *pings),
            *("--no-server-header", "--no-access-log"),
        )

    async def start(self, role: str, point: str = "", n: int = 0) -> Worker:
        """One more worker, which listens; it dies the n-th time that it reaches the point, if one is named."""
        name = f"{role}-{len(self.workers)}-{self._application.partition('.')[0]}"
        module = ("tests.chaos.doomed", point, str(n), "--") if point else ("uvicorn",)
        command = [sys.executable, "-m", *module, self._application, *self._arguments]
        log = self._folder / f"{name}.log"
        # A worker is known before it listens, so that whatever happens it is ended with the fleet.
        worker = Worker(name, role, log, self._popen(command, log), point)
        self.workers.append(worker)
        deadline = time.monotonic() + _READY_SECONDS
        while (found := _LISTENS.search(worker.said())) is None:
            if not worker.lives or time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not serve:\n{worker.said()[-2000:]}")
            await asyncio.sleep(0.05)
        worker.port = int(found[1])
        return worker

    def living(self, role: str) -> Sequence[Worker]:
        """The workers of a role that listen and have not ended."""
        return [worker for worker in self.workers if worker.role == role and worker.port and worker.lives]

    async def ensure(self, role: str, count: int) -> None:
        """At least so many workers of a role live."""
        missing = count - len(self.living(role))
        await asyncio.gather(*(self.start(role) for _ in range(missing)))

    def end(self) -> None:
        """Nothing of it runs any more; nobody is asked, for none of them has anything to lose."""
        for worker in self.workers:
            stop(worker.popen)

    def _popen(self, command: Sequence[str], log: Path) -> subprocess.Popen[str]:
        with log.open("w") as output:
            return start(
                command,
                when_orphaned=signal.SIGKILL,
                environment=self._environment,
                folder=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
