"""The result at a glance."""

from pathlib import Path

from tests.bench.live.report import Line, Promise


def draw(path: Path, found: list[Line], kept: list[Promise]) -> None:
    """Writes the picture."""
