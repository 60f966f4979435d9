"""`make test`: every check and every test, with PostgreSQLs and Redises that are thrown away."""

import contextlib
import os
import shlex
import sys

from config.local.checks import DJANGO_CHECKS, LINTERS, SETTINGS, failed_checks, run_step
from config.local.folders import throwaway
from config.local.processes import Stopped, stopped_by_signals
from config.local.services import services

#: Processes that share all tests: one waits for servers and clocks much of the time while the other computes.
SHARES = 2
SHARED = (
    *("-p", "tests.sharing", "--numprocesses", str(SHARES), "--no-loadscope-reorder"),
    # A process is killed when a test of its hangs, and that ends the run.
    *("--max-worker-restart", "0"),
)
_SERVICES = ("DATABASE_URL", "REDIS_URL")
#: What each process has for itself.
_OWN = (*_SERVICES, "MEDIA_FOLDER")


def main() -> int:
    """0 when every check is content and every test passes, else the exit code of what did not."""
    arguments = shlex.split(os.environ.get("ARGS", ""))
    # Whoever names tests wants those, and in the order of the seed; whoever names services has one of each.
    is_shared = not arguments and not any(map(os.environ.get, _SERVICES))
    try:
        with stopped_by_signals(), contextlib.ExitStack() as stack:
            environment = _started(stack, SHARES if is_shared else 1) | SETTINGS
            failed = [] if arguments else failed_checks(LINTERS | DJANGO_CHECKS, environment)
            if not arguments:
                print(f"{'pytest':16}", flush=True)
            code, _ = run_step(("-m", "pytest", *(SHARED if is_shared else arguments)), environment)
    except Stopped as stopped:
        return 128 + stopped.number
    if code:
        failed.append("pytest")
    if failed:
        # Not on stdout: there pytest has the last word.
        print(f"FAILED: {', '.join(failed)}", file=sys.stderr)
    return code or (1 if failed else 0)


def _started(stack: contextlib.ExitStack, shares: int) -> dict[str, str]:
    """This process's environment, with services for whoever comes first and, by number, for each of several processes."""
    environment: dict[str, str] = {}
    for number in reversed(range(shares)):
        folder = stack.enter_context(throwaway())
        found = stack.enter_context(services(folder, durable=False)) | {"MEDIA_FOLDER": str(folder / "media")}
        environment |= found | {f"{name}_gw{number}": found[name] for name in _OWN}
    return environment


if __name__ == "__main__":
    sys.exit(main())
