"""The packages of tests/ that are run by themselves and not by pytest: benchmarks and `make chaos`."""

import os
import shlex
import signal
import sys

from config.local.places import CHECKOUT
from config.local.processes import Stopped, start, stop, stopped_by_signals


def run_package(name: str) -> int:
    """The exit code of a package, which is given `ARGS`."""
    command = [sys.executable, "-m", name, *shlex.split(os.environ.get("ARGS", ""))]
    try:
        with stopped_by_signals():
            process = start(command, folder=CHECKOUT, own_session=False)
            try:
                return process.wait()
            finally:
                stop(process, (signal.SIGTERM, 60.0))
    except Stopped as stopped:
        return 128 + stopped.number
