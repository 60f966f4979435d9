"""`make chaos`: servers, Redis and PostgreSQL are killed under clients that must miss nothing; `ARGS` goes to it."""

import sys

from config.local.packages import run_package


def main() -> int:
    """0 when every promise is kept."""
    return run_package("tests.chaos")


if __name__ == "__main__":
    sys.exit(main())
