"""`python -m tests.chaos`: see the package."""

import os
import resource
import sys

import django

from config.local.processes import Stopped, stopped_by_signals
from tests.chaos.ground import ground
from tests.chaos.options import parsed


def main(arguments: list[str]) -> int:
    """0 when every promise is kept, 1 when one is not."""
    options = parsed(arguments)
    print(f"Seed {options.seed}; the same again: make chaos ARGS='{options.again()}'", flush=True)
    # A herd is a thousand sockets, here and in the process that has them.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        with stopped_by_signals(), ground() as standing:
            # From here on this process can use the models too, in one thread and on one connection.
            mine = {"DATABASE_POOL": "0", "DJANGO_SETTINGS_MODULE": "config.settings"}
            os.environ.update(standing.environment | mine)
            django.setup()
            from tests.chaos.running import ran

            return ran(standing, options)
    except Stopped as stopped:
        return 128 + stopped.number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
