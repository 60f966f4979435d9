"""`make lint`: the checks that need no database."""

import os
import sys

from config.local.checks import LINTERS, SETTINGS, failed_checks
from config.local.processes import Stopped, stopped_by_signals


def main() -> int:
    """0 when every check is content, else 1."""
    # mypy's Django plugin reads the settings; nothing connects to what these name.
    nowhere = {"DATABASE_URL": "postgresql:///nowhere", "REDIS_URL": "unix:///nowhere"}
    try:
        with stopped_by_signals():
            return 1 if failed_checks(LINTERS, {**os.environ, **SETTINGS, **nowhere}) else 0
    except Stopped as stopped:
        return 128 + stopped.number


if __name__ == "__main__":
    sys.exit(main())
