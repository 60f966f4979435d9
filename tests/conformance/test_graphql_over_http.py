"""GraphQL over HTTP as its specification says, asked of both servers by the specification's own audits and by ours.

Every MUST and SHOULD holds, and every MAY: there is none that we decline. Of what the specification leaves open and no
audit asks for, declined are a POST's other media types (a form of another site could send them) and several questions in
one (each is limited by itself).
"""

import json
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.conformance.audits import audits
from tests.node import beside_its_packages
from tests.serving import House

PROGRAM = Path(__file__).parent / "audits" / "audits.mjs"


@pytest.fixture(scope="session")
def program() -> Path:
    """graphql-http's audits, beside its packages."""
    return beside_its_packages(PROGRAM, "the specification's own audits hold")


def test_the_audits_of_graphql_http_all_hold(door: str, program: Path):
    run = subprocess.run(
        ["node", program, door], capture_output=True, text=True, timeout=60, check=False, cwd=program.parent
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)

    assert [each for each in told if each["status"] != "ok"] == []
    # And they are those that are restated here for machines without node.
    assert [each["id"] for each in told] == [each.id for each in audits()]
    assert [each["name"].partition(" ")[0] for each in told] == [each.level for each in audits()]


def test_each_audit_holds_as_it_is_restated_here(door: str):
    with httpx.Client(trust_env=False) as client:
        assert [broken for each in audits() if (broken := each.broken(client, door))] == []


def test_an_audit_sees_a_server_that_breaks_it(house: House):
    """What is no GraphQL breaks every MUST, and whatever wants a 400 by its number."""
    url = f"{house.servers[0].http}/healthz"
    with httpx.Client(trust_env=False) as client:
        kept = {each.id for each in audits() if not each.broken(client, url)}
    assert kept.isdisjoint(each.id for each in audits() if each.level == "MUST")
    assert kept.isdisjoint({"22EB", "556A", "74FF", "86EE", "3E3A", "BCF8"})
