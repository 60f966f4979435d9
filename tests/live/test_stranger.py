"""The same story, told by a client that nobody here wrote: npm's graphql-ws."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config.local.places import CHECKOUT, made
from tests.clients import people
from tests.serving import House

STRANGER = Path(__file__).parent / "stranger"
OLDEST_NODE = 20
NOT_SHOWN = (
    f"no node {OLDEST_NODE} with npm is on the PATH, so it is not shown "
    "that a client which nobody here wrote can speak to us"
)


@pytest.fixture(scope="session")
def stranger() -> Path:
    """The story beside its packages, installed once for each state of its lock file."""
    if not has_node():
        # Where everything must be shown, something that is not is a failure.
        pytest.fail(NOT_SHOWN) if os.environ.get("CI") else pytest.skip(NOT_SHOWN)
    lock = (STRANGER / "package-lock.json").read_bytes()
    folder = made(CHECKOUT / ".local") / f"stranger-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not (folder / "installed").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(STRANGER / name, folder)
        # No scripts: what was downloaded runs when the story does, and not before.
        quietly = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "ci", *quietly], cwd=folder, check=True, timeout=120)
        (folder / "installed").touch()
    return Path(shutil.copy(STRANGER / "story.mjs", folder))


def has_node() -> bool:
    """Whether there is a node that the packages run on, and npm."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.removeprefix("v").partition(".")[0]) >= OLDEST_NODE


def test_a_client_that_nobody_here_wrote_sees_it_too(house: House, stranger: Path):
    (staff,) = people(1, is_staff=True)
    where = {"ACEQUIA_URL": house.servers[0].http, "STAFF_TOKEN": staff.token}

    told = subprocess.run(
        ["node", stranger], env=os.environ | where, capture_output=True, text=True, timeout=60, check=False
    )

    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines()[-1] == "both saw it on their open boards, once"
