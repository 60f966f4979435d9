"""The rows that are published: of the read benchmark's kinds, as many of each as fit the promise."""

from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.bench.loading import load
from tests.bench.read import data

#: 180,000 updates that everybody may read, 220,000 tasks; of what is not published only as much as the rest stands on.
SIZES = {
    **{"users": 80_000, "projects": 6_000, "follows": 20_000, "updates": 190_000, "comments": 1_000},
    **{"small_boards": 4_000, "large_boards": 1_000, "viewers": data.VIEWERS, "thread": 100},
}


def loaded(url: str, rows: float, environment: dict[str, str]) -> str:
    """The URL of a database with the data, on the cluster of `url`; it is loaded unless it is there already."""
    name = f"datasets_{rows:g}_{data.fingerprint(SIZES)}".replace(".", "_")
    target = urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            print(f"The data is there: database {name}", flush=True)
            return target
        half = sql.Identifier(f"{name}_half")
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(half))
        server.execute(sql.SQL("CREATE DATABASE {}").format(half))
        half_url = urlsplit(url)._replace(path=f"/{name}_half").geturl()
        sizes = {
            each: size if each in ("viewers", "thread") else max(1, int(size * rows))
            for each, size in SIZES.items()
        }
        script = Path(data.__file__).with_name("data.sql")
        load(half_url, script, sizes, environment)
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(half, sql.Identifier(name)))
    return target
