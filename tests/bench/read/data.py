"""The data that is asked for: loaded once into a database of its own, and found there by every later run."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.local.places import CHECKOUT

VIEWERS = 600
#: One for all servers: cursors are signed with it, and are compared.
SECRET_KEY = "only-for-benchmarks-and-the-same-every-time-so-that-cursors-agree"
#: What there is of each; `--rows` multiplies all but the viewers and the one long thread, whose pages are walked.
SIZES = {
    "users": 20_000,
    "projects": 2_000,
    "follows": 400_000,
    "updates": 40_000,
    "comments": 400_000,
    "small_boards": 1_000,
    "large_boards": 100,
}
THREAD = 25_000

_SQL = Path(__file__).with_name("data.sql")
_STEP = "--: "


def sizes(rows: float = 1.0) -> dict[str, int]:
    """How many there are of each thing in a database that is `rows` times as large."""
    return {name: int(size * rows) for name, size in SIZES.items()} | {"viewers": VIEWERS, "thread": THREAD}


def loaded(url: str, rows: float, environment: dict[str, str]) -> str:
    """The URL of a database with the data, on the cluster of `url`; it is loaded unless it is there already."""
    name = f"read_{rows:g}_{_fingerprint()}".replace(".", "_")
    target = urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            print(f"The data is there: database {name}", flush=True)
            return target
        _drop_older(server)
        # Under another name until it is whole, so that one whose loading was interrupted is loaded again.
        half = sql.Identifier(f"{name}_half")
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(half))
        server.execute(sql.SQL("CREATE DATABASE {}").format(half))
        _load(
            f"{target[: -len(urlsplit(target).query) - 1]}_half?{urlsplit(target).query}", rows, environment
        )
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(half, sql.Identifier(name)))
    return target


def _drop_older(server: psycopg.Connection) -> None:
    older = "SELECT datname FROM pg_database WHERE datname LIKE 'read\\_%%' AND datname NOT LIKE %s"
    for (name,) in server.execute(older, [f"%{_fingerprint()}"]).fetchall():
        server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _load(url: str, rows: float, environment: dict[str, str]) -> None:
    print(f"Loading {', '.join(f'{size:,} {name}' for name, size in sizes(rows).items())}", flush=True)
    migrate = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(migrate, env=environment | {"DATABASE_URL": url}, cwd=CHECKOUT, check=True)
    with psycopg.connect(url, autocommit=True) as connection:
        # Nothing is lost by a crash: the database has its name only after the last step, and a checkpoint.
        connection.execute("SET synchronous_commit = off")
        for name, size in sizes(rows).items():
            connection.execute("SELECT set_config(%s, %s, false)", [f"bench.{name}", str(size)])
        for name, statements in _steps():
            begin = time.monotonic()
            connection.execute(statements)
            print(f"  {name:12}{time.monotonic() - begin:7.1f} s", flush=True)
        connection.execute("VACUUM (FREEZE, ANALYZE)")
        connection.execute("CHECKPOINT")


def _steps() -> Iterator[tuple[str, str]]:
    for step in _SQL.read_text().split(f"\n{_STEP}")[1:]:
        name, _, statements = step.partition("\n")
        yield name, statements


def _fingerprint() -> str:
    # Other migrations or other data are another database.
    texts = [file.read_bytes() for file in sorted(CHECKOUT.glob("*/*/migrations/0*.py"))]
    texts += [_SQL.read_bytes(), repr(sizes()).encode()]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:12]


def environment(url: str) -> dict[str, str]:
    """The variables that a server or a command of the house runs with on a database."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "GRANIAN_"))}
    return mine | {
        "DEVELOPMENT": "1",
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": url,
        # Reading pushes nothing.
        "REDIS_URL": "unix:///nowhere/redis.sock",
        "PYTHONPATH": str(CHECKOUT),
    }
