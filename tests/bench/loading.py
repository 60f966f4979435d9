"""How a database of a benchmark is filled: the project's migrations, then a file of SQL in named steps."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg

from config.local.places import CHECKOUT

#: One for all servers: cursors are signed with it, and are compared.
SECRET_KEY = "only-for-benchmarks-and-the-same-every-time-so-that-cursors-agree"
_STEP = "--: "


def load(url: str, script: Path, sizes: Mapping[str, int], environment: Mapping[str, str]) -> None:
    """Migrates an empty database and runs a script in it, which finds each size as the setting `bench.<name>`."""
    print(f"Loading {', '.join(f'{size:,} {name}' for name, size in sizes.items())}", flush=True)
    migrate = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(migrate, env={**environment, "DATABASE_URL": url}, cwd=CHECKOUT, check=True)
    with psycopg.connect(url, autocommit=True) as connection:
        # Nothing is lost by a crash: who asked for it takes it for whole only after the last step, and a checkpoint.
        connection.execute("SET synchronous_commit = off")
        for name, size in sizes.items():
            connection.execute("SELECT set_config(%s, %s, false)", [f"bench.{name}", str(size)])
        for name, statements in _steps(script):
            begin = time.monotonic()
            connection.execute(statements)
            print(f"  {name:12}{time.monotonic() - begin:7.1f} s", flush=True)
        connection.execute("VACUUM (FREEZE, ANALYZE)")
        connection.execute("CHECKPOINT")


def environment(url: str, redis: str = "unix:///nowhere/redis.sock") -> dict[str, str]:
    """The variables that a server or a command of the house runs with on a database; reading pushes nothing."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "GRANIAN_"))}
    return mine | {
        "DEVELOPMENT": "1",
        "RATE_LIMITS": "0",
        "SOCKETS_OF_ONE_NETWORK": "0",
        # Whoever they are compared with writes no line for each request either.
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": url,
        "REDIS_URL": redis,
        "PYTHONPATH": str(CHECKOUT),
    }


def _steps(script: Path) -> Iterator[tuple[str, str]]:
    for step in script.read_text().split(f"\n{_STEP}")[1:]:
        name, _, statements = step.partition("\n")
        yield name, statements
