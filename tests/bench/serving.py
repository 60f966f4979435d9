"""A server that is measured, as a process of its own."""

import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from config.local.places import CHECKOUT
from config.local.processes import start, stop, wait_until

_READY_SECONDS = 60


class Served:
    """One server; it runs while its `with` block does, on a port of its own."""

    name: ClassVar[str]
    #: What else is in its environment.
    more: ClassVar[Mapping[str, str]] = {}

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = {**environment, **self.more}
        self.log = folder / f"{self.name}.log"
        self.port = _free_port()

    @property
    def pid(self) -> int:
        return self._process.pid

    def command(self) -> Sequence[str]:
        """How it is started."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it serves by now."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return True
        except OSError:
            return False

    def __enter__(self) -> "Served":
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
            settled = wait_until(lambda: self._process.poll() is not None or self.answers(), _READY_SECONDS)
            if not settled or self._process.poll() is not None:
                raise SystemExit(f"{self.name} does not serve; what it said is in {self.log}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        stop(self._process, (signal.SIGTERM, 10.0))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
