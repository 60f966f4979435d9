"""What the servers stand on: a PostgreSQL and a Redis of the harness' own, which it may take away and bring back."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config.local.folders import throwaway
from config.local.places import CHECKOUT, account, sockets
from tests.chaos.own_postgres import OwnPostgres
from tests.realtime.own_redis import OwnRedis

SECRET_KEY = "only-for-chaos-and-the-same-every-time-so-that-a-seed-can-be-played-again"


@dataclass(frozen=True)
class Ground:
    """Both services, what a process needs to find them, and a folder for what is written on the way."""

    postgres: OwnPostgres
    redis: OwnRedis
    environment: dict[str, str]
    folder: Path

    def heads(self) -> dict[str, int]:
        """The number of the last event of each stream. Raises `psycopg.OperationalError` while PostgreSQL is away."""
        with psycopg.connect(self.postgres.url) as connection:
            return dict(connection.execute("SELECT name, seq FROM core_stream").fetchall())

    def connections(self) -> int:
        """How many connections of clients PostgreSQL has now, this one left out."""
        with psycopg.connect(self.postgres.url) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
            return int(found[0]) if found else 0


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    """Both services, with an empty database; nothing of it is there when the block ends."""
    with (
        throwaway() as folder,
        sockets(folder, "chaos-postgres", account()) as postgres_place,
        sockets(folder, "chaos-redis") as redis_place,
    ):
        postgres, redis = OwnPostgres(folder, postgres_place), OwnRedis(redis_place)
        try:
            postgres.start()
            redis.start()
            environment = _environment(postgres.url, redis.url)
            migrate = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
            subprocess.run(migrate, env=environment, cwd=CHECKOUT, check=True, timeout=120)
            yield Ground(postgres, redis, environment, folder)
        finally:
            redis.stop()
            postgres.stop()


def _environment(database: str, redis: str) -> dict[str, str]:
    foreign = ("PG", "DJANGO_", "DATABASE_", "STATEMENT_")
    mine = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return mine | {
        "DEVELOPMENT": "1",
        "RATE_LIMITS": "0",
        "SOCKETS_OF_ONE_NETWORK": "0",
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUNBUFFERED": "1",
    }
