from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections

from media.storage import store
from schema.datasets.models import Version
from schema.datasets.publishing import publish
from schema.opendata.role import DATABASE


@pytest.fixture(autouse=True, scope="package")
def no_connection_is_left() -> Iterator[None]:
    """What is kept open to read for the world is closed before pytest removes its database."""
    yield
    connections[DATABASE].close()
    connections[DATABASE].close_pool()


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path: Path) -> Path:
    """A store that is this test's alone."""
    settings.MEDIA_FOLDER = str(tmp_path / "media")
    return tmp_path / "media"


def download(version: Version, folder: Path) -> Path:
    """A version's files, as somebody has them who has downloaded it."""
    folder.mkdir()
    (folder / "datapackage.json").write_text(version.package)
    for name, key in version.keys.items():
        store().fetch(key, folder / name, most=2**30)
    return folder


@pytest.fixture
def downloaded(tmp_path: Path) -> Callable[..., Path]:
    """Downloads a version, or what is published of what there is now: into a folder a call."""
    count = 0

    def next_one(version: Version | None = None) -> Path:
        nonlocal count
        count += 1
        return download(version or publish(again=True), tmp_path / f"downloaded-{count}")

    return next_one
