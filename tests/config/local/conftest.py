import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local import places


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that stands for a checkout, whose services leave nothing on this machine."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    yield tmp_path
    shutil.rmtree(places.home(tmp_path))
