"""The short form of the benchmark: real servers, a few sockets, and all that they tell compared; nothing is timed."""

import os
from collections.abc import Iterator

import pytest

from config.settings import env
from tests.bench import npm
from tests.bench.live.comparing import refuse_differences
from tests.bench.live.data import dropped, made
from tests.bench.live.servers import Acequia, AcequiaViewer, GraphqlWs, Limit, Strawberry
from tests.bench.live.windows import Bench
from tests.bench.loading import environment

_DATABASE = "live_small"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Ten people and two boards, for as long as this module's tests run."""
    url = made(env.DATABASE_URL, _DATABASE, 10, 2, environment(env.DATABASE_URL, env.REDIS_URL))
    with Bench(environment(url, env.REDIS_URL), tmp_path_factory.mktemp("live")) as bench:
        yield bench
    dropped(env.DATABASE_URL, _DATABASE)


def test_everyone_who_is_written_in_python_tells_each_socket_the_same(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    servers = [Limit, Acequia, AcequiaViewer, Strawberry]

    refuse_differences(bench, servers)

    said = capsys.readouterr().out
    assert all(f"{server.name:16}the same fields" in said for server in servers)


def test_graphql_ws_tells_each_socket_the_same(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    if missing := npm.absence():
        # Where everything must be shown, something that is not is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not compared with graphql-ws: {missing}")
    npm.install(GraphqlWs.source)

    refuse_differences(bench, [Limit, GraphqlWs])

    assert f"{GraphqlWs.name:16}the same fields" in capsys.readouterr().out
