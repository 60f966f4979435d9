"""The short form of the benchmark: a small house, real servers, and all their answers compared; nothing is timed."""

from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from config.settings import env
from tests.bench.loading import environment
from tests.bench.read.comparing import refuse_differences
from tests.bench.read.data import loaded, sizes
from tests.bench.read.queries import QUERIES
from tests.bench.read.servers import SERVERS, Acequia, Limit, Plain

#: A twentieth of what is measured.
ROWS = 0.05


@pytest.fixture(scope="module")
def house() -> str:
    """The URL of a database with the data, for as long as this module's tests run."""
    url = loaded(env.DATABASE_URL, ROWS, environment(env.DATABASE_URL))
    yield url
    with psycopg.connect(env.DATABASE_URL, autocommit=True) as server:
        name = sql.Identifier(urlsplit(url).path[1:])
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def test_hand_written_sql_the_planner_and_plain_resolvers_answer_alike(
    house: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with ExitStack() as stack:
        servers = [
            stack.enter_context(SERVERS[each.name](environment(house), tmp_path))
            for each in (Limit, Acequia, Plain)
        ]
        refuse_differences(servers, list(QUERIES.values()), sizes(ROWS))

    said = capsys.readouterr().out
    assert all(f"{name:13}the same for 20 sets" in said for name in QUERIES)
