"""The checks that come before the tests: each is a line with its seconds; its words only if it fails."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.local.places import CHECKOUT
from config.local.processes import Output, Stopped, start, stop

#: What one checkout is checked with; a server never has it.
SETTINGS = {
    "DEVELOPMENT": "1",
    "SECRET_KEY": "only-for-tests-and-the-same-every-time-so-that-they-repeat",
    # Tests do in minutes what people do in months; those of limits switch them on.
    "RATE_LIMITS": "0",
    "SOCKETS_OF_ONE_NETWORK": "0",
    # Nothing that a test puts or removes is somebody's.
    "MEDIA_BUCKET": "",
    "MEDIA_ENDPOINT": "",
    "MEDIA_URL": "",
}

# By their modules and not by .venv/bin: the first line of a script there has no room for a long path.
LINTERS: dict[str, Sequence[str]] = {
    "ruff check": ("-m", "ruff", "check", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "mypy": ("-m", "mypy"),
    "lint-imports": (str(Path(sys.executable).with_name("lint-imports")),),
}
DJANGO_CHECKS: dict[str, Sequence[str]] = {
    "makemigrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
    "django check": ("manage.py", "check"),
}


def failed_checks(checks: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> list[str]:
    """Runs every check, whether one before it failed or not, and answers with the names of those that did."""
    failed = []
    for name, command in checks.items():
        print(f"{name:16}", end="", flush=True)
        begin = time.monotonic()
        code, words = run_step(command, environment, stdout=subprocess.PIPE)
        print(f"{time.monotonic() - begin:6.1f} s  {'FAILED' if code else 'ok'}", flush=True)
        if code:
            print(words, flush=True)
            failed.append(name)
    return failed


def run_step(
    command: Sequence[str], environment: Mapping[str, str], stdout: Output = None
) -> tuple[int, str]:
    """Runs one Python command in the checkout: its exit code, and what it said if `stdout` is a pipe."""
    process = start(
        [sys.executable, *command],
        environment=environment,
        folder=CHECKOUT,
        own_session=False,
        stdout=stdout,
        stderr=subprocess.STDOUT if stdout else None,
    )
    try:
        words, _ = process.communicate()
    except Stopped as stopped:
        if stopped.number == signal.SIGINT:
            # The terminal's Ctrl-C reached it too, and pytest has its last words to say.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
        raise
    finally:
        stop(process, (signal.SIGTERM, 10.0))
    return (process.returncode if process.returncode >= 0 else 128 - process.returncode), words or ""
