"""`make bench-read`: how quickly the project is read, beside hand-written SQL and PostGraphile; `ARGS` goes to it."""

import os
import shlex
import signal
import sys

from config.local.places import CHECKOUT
from config.local.processes import Stopped, start, stop, stopped_by_signals


def main(name: str) -> int:
    """The exit code of the benchmark of this name, which is a package of tests/bench."""
    command = [sys.executable, "-m", f"tests.bench.{name}", *shlex.split(os.environ.get("ARGS", ""))]
    try:
        with stopped_by_signals():
            process = start(command, folder=CHECKOUT, own_session=False)
            try:
                return process.wait()
            finally:
                stop(process, (signal.SIGTERM, 60.0))
    except Stopped as stopped:
        return 128 + stopped.number


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
