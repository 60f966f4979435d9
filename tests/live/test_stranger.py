"""The same story, told by a client that nobody here wrote: npm's graphql-ws."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.clients import people
from tests.node import beside_its_packages
from tests.serving import House


@pytest.fixture(scope="session")
def stranger() -> Path:
    """The story beside its packages."""
    story = Path(__file__).parent / "stranger" / "story.mjs"
    return beside_its_packages(story, "a client which nobody here wrote can speak to us")


def test_a_client_that_nobody_here_wrote_sees_it_too(house: House, stranger: Path):
    (staff,) = people(1, is_staff=True)
    where = {"ACEQUIA_URL": house.servers[0].http, "STAFF_TOKEN": staff.token}

    told = subprocess.run(
        ["node", stranger], env=os.environ | where, capture_output=True, text=True, timeout=60, check=False
    )

    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines()[-1] == "both saw it on their open boards, once"
