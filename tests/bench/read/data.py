"""The data that is asked for: loaded once into a database of its own, and found there by every later run."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.local.places import CHECKOUT
from tests.bench.loading import load

VIEWERS = 600
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


def sizes(rows: float = 1.0) -> dict[str, int]:
    """How many there are of each thing in a database that is `rows` times as large."""
    return {name: int(size * rows) for name, size in SIZES.items()} | {"viewers": VIEWERS, "thread": THREAD}


def loaded(url: str, rows: float, environment: dict[str, str]) -> str:
    """The URL of a database with the data, on the cluster of `url`; it is loaded unless it is there already."""
    name = f"read_{rows:g}_{fingerprint(sizes())}".replace(".", "_")
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
        half_url = urlsplit(url)._replace(path=f"/{name}_half").geturl()
        load(half_url, _SQL, sizes(rows), environment)
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(half, sql.Identifier(name)))
    return target


def _drop_older(server: psycopg.Connection) -> None:
    older = "SELECT datname FROM pg_database WHERE datname LIKE 'read\\_%%' AND datname NOT LIKE %s"
    for (name,) in server.execute(older, [f"%{fingerprint(sizes())}"]).fetchall():
        server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def fingerprint(of: dict[str, int]) -> str:
    """What tells a database of these sizes from one of other data, or of another schema."""
    # Other migrations or other data are another database.
    texts = [file.read_bytes() for file in sorted(CHECKOUT.glob("*/*/migrations/0*.py"))]
    texts += [_SQL.read_bytes(), repr(of).encode()]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:12]
