"""The short form: everybody who tells the open-data list says the same; nothing is timed."""

from contextlib import ExitStack
from pathlib import Path

from config.settings import env
from tests.bench.loading import environment
from tests.bench.read.open_data import (
    CATEGORIES,
    GoteoRest,
    OpenData,
    OpenDataMadeAnew,
    asked,
    let_read,
    refuse_differences,
)
from tests.bench.read.test_small import house  # noqa: F401  # A fixture.


def test_open_data_and_the_shape_of_rest_tell_the_same(house: str, tmp_path: Path):  # noqa: F811
    let_read(house)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(each(environment(house, env.REDIS_URL), tmp_path))
            for each in (OpenData, OpenDataMadeAnew, GoteoRest)
        ]
        refuse_differences(servers)
        assert asked(servers[0], CATEGORIES[0]) == asked(servers[0], CATEGORIES[0])
