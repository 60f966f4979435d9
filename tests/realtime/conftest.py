from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local.places import sockets as short_folder
from realtime import hub
from realtime.database import ADMITTING, TELLING
from tests.realtime.own_redis import OwnRedis


@pytest.fixture(autouse=True)
def nobody_holds_a_connection() -> Iterator[None]:
    """The hub's threads keep their connections; what they hold open would keep the test database from being dropped."""
    yield
    for thread in (TELLING, ADMITTING):
        thread.close()


@pytest.fixture
def own_redis(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnRedis]:
    """A Redis for the pokes of one test, which is not there yet; and a sweep that does not let the test wait."""
    monkeypatch.setattr(hub, "SWEEP", 0.2)
    with short_folder(tmp_path, "redis") as folder:
        server = OwnRedis(folder)
        settings.CHANNEL_LAYERS = server.layers(settings.CHANNEL_LAYERS)
        try:
            yield server
        finally:
            server.stop()
