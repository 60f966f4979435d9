"""CONTRIBUTING.md is followed literally: every file and name in it is where it says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
# `path/of/file.ext`, then names after middle dots.
PLACES = re.findall(r"`([\w./]+\.(?:py|graphql|md))`((?:\s*·\s*`[^`]+`)*)", GUIDE)


def test_the_guide_names_places():
    assert len(PLACES) >= 15


@pytest.mark.parametrize(("path", "names"), PLACES, ids=[path for path, _ in PLACES])
def test_every_place_in_the_guide_is_there(path: str, names: str):
    text = (ROOT / path).read_text()
    for name in re.findall(r"`([^`]+)`", names):
        assert name in text, f"{path} has no {name}"
