"""Persisted operations at every door of a real server: Apollo's own client, sockets, and event streams."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import call_command

from schema.persisted import hash_of_document
from tests.clients import Person, people
from tests.node import beside_its_packages
from tests.serving import House, Server
from tests.sockets import Socket

APOLLO = Path(__file__).parent / "apollo" / "asks.mjs"
CARD = (
    "query Card($handle: String!) { user(handle: $handle) { ...Parts } } fragment Parts on User { id handle }"
)
LIVE = "subscription Live { notificationReceived { unreadNotificationCount } }"


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A document of a client's and the list of its operations, as Apollo's client hashes them; and one as it is written."""
    folder = tmp_path_factory.mktemp("lists")
    (folder / "client.graphql").write_text(CARD)
    (folder / "live.graphql").write_text(LIVE)
    both = [folder / "client.graphql", folder / "live.graphql"]
    call_command("persist_operations", *both, output=folder / "apollo.json", typename=True)
    return {"client": both[0], "apollo": folder / "apollo.json"}


@pytest.fixture
def server(house: House, lists: dict[str, Path]) -> Iterator[Server]:
    """A web server with that list, which answers others too."""
    with house.one_more_server(PERSISTED_OPERATIONS=str(lists["apollo"])) as found:
        yield found


def listed(lists: dict[str, Path], name: str) -> str:
    """The hash of an operation of the list."""
    operations = json.loads(lists["apollo"].read_text())["operations"]
    return next(each["id"] for each in operations if each["name"] == name)


@pytest.fixture(scope="session")
def apollo() -> Path:
    """The script beside its packages."""
    return beside_its_packages(APOLLO, "Apollo's own client can ask by a hash")


def asked_by_apollo(apollo: Path, server: Server, person: Person, client: Path) -> list[dict[str, Any]]:
    where = {
        "ACEQUIA_URL": server.http,
        "TOKEN": person.token,
        "HANDLE": person.handle,
        "CLIENT": str(client),
    }
    told = subprocess.run(
        ["node", apollo], env=os.environ | where, capture_output=True, text=True, timeout=60, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return json.loads(told.stdout.splitlines()[-1])


def card(person: Person) -> dict[str, Any]:
    return {"user": {"__typename": "User", "id": person.id, "handle": person.handle}}


def test_apollo_s_client_sends_the_hash_and_a_document_only_when_it_must(
    server: Server, lists: dict[str, Path], apollo: Path
):
    (person,) = people(1)
    known, unknown, again = asked_by_apollo(apollo, server, person, lists["client"])
    locale = {"viewer": {"__typename": "Viewer", "locale": "en"}}
    assert known == {"data": card(person), "codes": [], "sent": ["hash"]}
    assert unknown == {"data": locale, "codes": [], "sent": ["hash", "documenthash"]}
    # Nothing was added to the list by the first time.
    assert again == unknown


def test_where_only_the_list_is_answered_apollo_s_client_is_told_so(
    house: House, lists: dict[str, Path], apollo: Path
):
    (person,) = people(1)
    only = {"PERSISTED_OPERATIONS": str(lists["apollo"]), "PERSISTED_ONLY": "1"}
    with house.one_more_server(**only) as server:
        known, unknown, _ = asked_by_apollo(apollo, server, person, lists["client"])
        with Socket(server, person) as socket:
            socket.say(id="1", type="subscribe", payload={"query": LIVE + " "})
            refused = socket.hear()
    assert known["data"] == card(person)
    assert unknown == {
        "data": None,
        "codes": ["PERSISTED_QUERY_NOT_IN_LIST"],
        "sent": ["hash", "documenthash"],
    }
    assert refused["payload"][0]["extensions"] == {"code": "PERSISTED_QUERY_NOT_IN_LIST"}


def test_a_server_without_a_list_says_that_it_has_none_and_apollo_s_client_sends_documents(
    house: House, lists: dict[str, Path], apollo: Path
):
    (person,) = people(1)
    first, *_, last = asked_by_apollo(apollo, house.servers[0], person, lists["client"])
    assert first == {"data": card(person), "codes": [], "sent": ["hash", "document"]}
    assert last["sent"] == ["document"]


def named(hash: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}}


def test_a_socket_follows_by_a_hash(server: Server, lists: dict[str, Path]):
    (person,) = people(1)
    with Socket(server, person) as socket:
        for hash, code in (
            ("0" * 64, "PERSISTED_QUERY_NOT_FOUND"),
            ("x", "BAD_REQUEST"),
            (listed(lists, "Card"), "OPERATION_NOT_ALLOWED"),
        ):
            socket.say(id=hash, type="subscribe", payload=named(hash))
            told = socket.hear()
            assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", code)
        mixed = named(hash_of_document(LIVE)) | {"query": "subscription { __typename }"}
        socket.say(id="2", type="subscribe", payload=mixed)
        assert socket.hear()["payload"][0]["message"] == "provided sha does not match query"
        socket.say(id="3", type="subscribe", payload=named(listed(lists, "Live")))
        socket.say(type="ping")
        # It is followed: nothing was refused before the answer to what came after.
        assert socket.hear()["type"] == "pong"


def test_an_event_stream_follows_by_a_hash(server: Server, lists: dict[str, Path]):
    (person,) = people(1)
    headers = {"Authorization": f"Bearer {person.token}", "Accept": "text/event-stream"}
    address = f"{server.http}/graphql/stream"
    extensions = json.dumps(named(listed(lists, "Live"))["extensions"])
    with httpx.stream(
        "GET", address, params={"extensions": extensions}, headers=headers, trust_env=False
    ) as told:
        assert (told.status_code, told.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert next(told.iter_raw()) == b":\n\n"
    refused = httpx.post(address, json=named("0" * 64), headers=headers, trust_env=False)
    assert refused.status_code == 400
    assert refused.json() == {
        "errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]
    }
