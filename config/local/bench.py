"""`make bench-read`, `-live`, `-guard`, `-datasets`: what reading, pushing, hostile documents and publishing cost.

`ARGS` goes to it.
"""

import sys

from config.local.packages import run_package


def main(name: str) -> int:
    """The exit code of the benchmark of this name, which is a package of tests/bench."""
    return run_package(f"tests.bench.{name}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
