"""`make test`: every check and every test, with a PostgreSQL and a Redis that are thrown away."""

import os
import shlex
import sys

from config.local.checks import DJANGO_CHECKS, LINTERS, SETTINGS, failed_checks, run_step
from config.local.folders import throwaway
from config.local.processes import Stopped, stopped_by_signals
from config.local.services import services


def main() -> int:
    """0 when every check is content and every test passes, else the exit code of what did not."""
    arguments = shlex.split(os.environ.get("ARGS", ""))
    try:
        with stopped_by_signals(), throwaway() as folder, services(folder, durable=False) as urls:
            environment = urls | SETTINGS | {"MEDIA_FOLDER": str(folder / "media")}
            # Whoever names tests wants those, and soon.
            failed = [] if arguments else failed_checks(LINTERS | DJANGO_CHECKS, environment)
            if not arguments:
                print(f"{'pytest':16}", flush=True)
            code, _ = run_step(("-m", "pytest", *arguments), environment)
    except Stopped as stopped:
        return 128 + stopped.number
    if code:
        failed.append("pytest")
    if failed:
        # Not on stdout: there pytest has the last word.
        print(f"FAILED: {', '.join(failed)}", file=sys.stderr)
    return code or (1 if failed else 0)


if __name__ == "__main__":
    sys.exit(main())
