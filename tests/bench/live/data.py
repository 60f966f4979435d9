"""The people, boards and tasks of the benchmark: a database made anew for each run, in seconds."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.bench.loading import load

#: Tasks on each board, which are edited in turn.
TASKS = 30
#: The team's member who does everything. Viewer k is the person after them.
OWNER = 1
_SQL = Path(__file__).with_name("data.sql")


def made(url: str, name: str, viewers: int, boards: int, environment: Mapping[str, str]) -> str:
    """The URL of a new database on the cluster of `url`, with so many people who look and boards to look at."""
    target = urlsplit(url)._replace(path=f"/{name}").geturl()
    dropped(url, name)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    load(target, _SQL, {"viewers": viewers, "boards": boards, "tasks": TASKS}, environment)
    return target


def dropped(url: str, name: str) -> None:
    """Removes such a database, if it is there."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def token(viewer: int) -> str:
    """The bearer token of viewer k."""
    return f"acequia_live_{viewer}"


def task_on(board: int, count: int) -> int:
    """The key of the task of a board whose turn it is."""
    return (board - 1) * TASKS + 1 + count % TASKS
