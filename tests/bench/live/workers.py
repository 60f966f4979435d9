"""Client and publisher, seen from the process that measures: one line of JSON there, one back."""

import json
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from config.local.places import CHECKOUT
from config.local.processes import start, stop

#: The longest that anything may take: a burst to a server that is slow.
PATIENCE = 180.0


class Worker:
    """A module of this package, running; it ends with the `with` block."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str], folder: Path) -> None:
        self.command = [sys.executable, "-m", f"tests.bench.live.{module}", *arguments]
        self.environment = environment
        self.log = folder / f"{'-'.join((module, *arguments))}.log"
        #: What it said when it was ready.
        self.hello: dict[str, Any] = {}

    def __enter__(self) -> Self:
        with self.log.open("w") as output:
            self._process = start(
                self.command,
                environment=self.environment,
                folder=CHECKOUT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
            )
        try:
            self.hello = self._answer(PATIENCE)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        stop(self._process, (signal.SIGTERM, 5.0))
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def ask(self, **command: Any) -> dict[str, Any]:
        """What it answers to a command. Raises `SystemExit` with one sentence when it does not."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise SystemExit(self._silence()) from None
        return self._answer(PATIENCE)

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        # Never more than one line is on its way, so none waits in the buffer of the file.
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            raise SystemExit(self._silence())
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(self._silence())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _silence(self) -> str:
        words = self.log.read_text(errors="replace").strip().splitlines()
        return f"{' '.join(self.command[2:])} does not answer: {words[-1] if words else 'it says nothing'} ({self.log})"
