from collections.abc import Iterator

import pytest

from tests.conformance.doors import PRODUCTION, granian
from tests.serving import House, Server


@pytest.fixture(scope="package")
def wsgi_server(standing_house: House) -> Iterator[Server]:
    """The server of production, from the first test here that needs it."""
    with granian(standing_house) as server:
        yield server


@pytest.fixture(params=["wsgi", "asgi"])
def door(request: pytest.FixtureRequest, house: House) -> str:
    """The address of `/graphql` at each of the two servers."""
    server = request.getfixturevalue("wsgi_server") if request.param == "wsgi" else house.servers[0]
    return f"{server.http}/graphql"


@pytest.fixture(scope="package")
def server_of_production(standing_house: House) -> Iterator[Server]:
    """A server that is told that it is one; who asks it says that a proxy has ended TLS (`BEHIND_A_PROXY`)."""
    with granian(standing_house, **PRODUCTION) as server:
        yield server
