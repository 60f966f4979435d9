"""The short form of `make chaos`: the same scenarios, small; times are promised less strictly, for tests are not alone."""

import json
import subprocess
import sys
from pathlib import Path

from config.local.places import CHECKOUT
from tests.chaos.options import SCENARIOS

_MOST_SECONDS = 200


def test_no_event_is_lost_repeated_or_reordered_whatever_dies(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--short", "--results", str(tmp_path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=_MOST_SECONDS,
        check=False,
    )

    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    found = json.loads((tmp_path / "chaos.json").read_text())
    assert tuple(found["scenarios"]) == SCENARIOS
    # The control lost some, and the comparison saw it.
    assert found["scenarios"]["control"]["difference"]["missing"] > 0
