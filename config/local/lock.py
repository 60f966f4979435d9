"""`make lock`: requirements/*.txt from requirements/*.in, with hashes, for every Python and machine."""

import os
import shlex
import signal
import subprocess
import sys

from config.local.places import CHECKOUT, made
from config.local.processes import Stopped, start, stop, stopped_by_signals

COMPILE = ("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes")
# dev holds everything, so it is resolved first and the others follow it: the tests run what a server runs.
SETS = (
    ("dev",),
    ("base", "-c", "requirements/dev.txt"),
    ("local", "-c", "requirements/dev.txt"),
    ("bench", "-c", "requirements/dev.txt"),
)


def main() -> int:
    """0 when the lock files are written. `ARGS=--upgrade` takes the newest that the .in files allow."""
    folder = made(CHECKOUT / ".local") / "uv"
    python, uv = folder / "bin" / "python", folder / "bin" / "uv"
    try:
        with stopped_by_signals():
            if not uv.exists():
                print("Installing uv", flush=True)
                _run([sys.executable, "-I", "-m", "venv", "--clear", str(folder)])
                _run([str(python), "-I", "-m", "pip", "install", "--quiet", "uv"])
            for name, *constraint in SETS:
                print(f"requirements/{name}.txt", flush=True)
                files = [f"requirements/{name}.in", "-o", f"requirements/{name}.txt", *constraint]
                _run([str(uv), *COMPILE, *files, *shlex.split(os.environ.get("ARGS", ""))])
    except Stopped as stopped:
        return 128 + stopped.number
    return 0


def _run(command: list[str]) -> None:
    process = start(command, folder=CHECKOUT, own_session=False, stdin=subprocess.DEVNULL)
    try:
        if code := process.wait():
            raise SystemExit(f"{command[0]} ended with exit code {code}; the lock files may be half new.")
    finally:
        stop(process, (signal.SIGTERM, 10.0))


if __name__ == "__main__":
    sys.exit(main())
