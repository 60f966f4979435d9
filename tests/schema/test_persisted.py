"""Operations by their hash, as Apollo's clients ask for them, from a list that the server reads when it starts."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.local.places import CHECKOUT
from schema.persisted import FORMAT, BadManifest, NotPersisted, hash_of_document, known, manifest, persisted
from tests.asking import OPERATIONS, operations, post
from tests.cast import Cast

ME = "query Me { viewer { email } }"
OTHER = "query Other { viewer { locale } }"


@pytest.fixture
def listed(settings: Any, tmp_path: Path) -> str:
    """A list of one document; its hash."""
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest([("Me", "query", ME)])))
    settings.PERSISTED_OPERATIONS = str(path)
    return hash_of_document(ME)


def named(hash: Any, version: Any = 1, **more: Any) -> dict[str, Any]:
    """A body that names a hash."""
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": hash}}} | more


def told(body: Any, cast: Cast | None = None) -> tuple[int, Any]:
    """The status, and the data or the code and message."""
    response = post(body, cast.ana if cast else None)
    answer = json.loads(response.content)
    if "data" in answer:
        return response.status_code, answer["data"]
    (error,) = answer["errors"]
    return response.status_code, (error["extensions"]["code"], error["message"])


NOT_FOUND = 400, ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
NOT_SUPPORTED = 400, ("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
MISMATCH = 400, ("BAD_REQUEST", "provided sha does not match query")
NOT_LISTED = 400, ("PERSISTED_QUERY_NOT_IN_LIST", "Only the operations of a list are answered here.")
ANA = 200, {"viewer": {"email": "ana@example.org"}}


def test_a_hash_of_the_list_is_answered_as_its_document(cast: Cast, listed: str):
    assert told(named(listed), cast) == told({"query": ME}, cast) == ANA
    assert told(named(listed, operationName="Me", query=None), cast) == ANA
    assert told(named(listed, query=""), cast) == ANA
    assert told(named(listed, operationName="You"), cast)[0] == 400


def test_a_hash_with_its_document_is_answered_whether_it_is_listed_or_not(cast: Cast, listed: str):
    assert told(named(listed, query=ME), cast) == ANA
    assert told(named(hash_of_document(OTHER), query=OTHER), cast) == (200, {"viewer": {"locale": "en"}})


def test_nobody_adds_to_the_list_by_asking(cast: Cast, listed: str):
    told(named(hash_of_document(OTHER), query=OTHER), cast)
    assert told(named(hash_of_document(OTHER)), cast) == NOT_FOUND


def test_an_unknown_hash_is_told_in_the_words_that_clients_know(cast: Cast, listed: str):
    assert told(named("0" * 64), cast) == NOT_FOUND


def test_a_hash_of_another_document_is_refused(cast: Cast, listed: str):
    assert told(named(listed, query=OTHER), cast) == MISMATCH
    assert told(named("0" * 64, query=ME), cast) == MISMATCH
    assert told(named(hash_of_document("\ud800"), query="\ud800"))[0] == 400


def test_without_a_list_there_are_no_hashes(cast: Cast):
    assert told(named(hash_of_document(ME)), cast) == NOT_SUPPORTED
    assert told(named(hash_of_document(ME), query=ME), cast) == ANA


@pytest.mark.parametrize(
    "hash",
    [
        None,
        "",
        5,
        [],
        {},
        True,
        "0" * 63,
        "0" * 65,
        "A" * 64,
        "g" * 64,
        "０" * 64,
        "0" * 64 + "\n",
        "\0",
        "\ud800",
    ],
)
def test_a_hash_that_is_none_is_refused(listed: str, hash: Any):
    status, (code, _) = told(named(hash))
    assert (status, code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("version", [None, 0, 2, "1", True, 1.5, [], {}])
def test_another_version_is_refused(listed: str, version: Any):
    assert told(named(listed, version)) == (400, ("BAD_REQUEST", "Unsupported persisted query version"))


@pytest.mark.parametrize("value", [5, "x", [], True])
def test_what_is_no_object_is_no_hash(listed: str, value: Any):
    assert told({"query": ME, "extensions": {"persistedQuery": value}})[0] == 400


@pytest.mark.parametrize(
    "body", [{}, {"extensions": {}}, {"extensions": {"persistedQuery": None}}, {"query": None}]
)
def test_neither_a_document_nor_a_hash_is_nothing_to_answer(listed: str, body: Any):
    assert told(body) == (400, ("BAD_REQUEST", "Send an object whose `query` is a text."))


def test_where_only_the_list_is_answered_nothing_else_is(cast: Cast, listed: str, settings: Any):
    settings.PERSISTED_ONLY = True
    assert (
        told(named(listed), cast) == told(named(listed, query=ME), cast) == told({"query": ME}, cast) == ANA
    )
    for body in (
        {"query": OTHER},
        {"query": ME + " "},
        {"query": "{ __schema { types { name } } }"},
        named(hash_of_document(OTHER), query=OTHER),
        {"query": "{" * 30_000},
    ):
        assert told(body, cast) == NOT_LISTED
    assert told(named(hash_of_document(OTHER)), cast) == NOT_FOUND


def test_who_needs_no_list_is_asked_nothing_of_one(cast: Cast):
    assert persisted({"query": ME}) == ME
    with pytest.raises(NotPersisted):
        persisted(named("0" * 64))
    assert known() == {}


BAD: dict[str, Any] = {
    "is not JSON": "{",
    "is no apollo-persisted-query-manifest of version 1": {"format": "relay", "version": 1, "operations": []},
    "is no apollo-persisted-query-manifest of version 1 ": {"format": FORMAT, "version": 2, "operations": []},
    "is no apollo-persisted-query-manifest of version 1  ": [],
    "is not the SHA-256 of its body": {
        "format": FORMAT,
        "version": 1,
        "operations": [{"id": "x", "body": ME}],
    },
    "is not the SHA-256 of its body ": {
        "format": FORMAT,
        "version": 1,
        "operations": [{"id": hash_of_document(ME)}],
    },
    "is not the SHA-256 of its body  ": {"format": FORMAT, "version": 1, "operations": ["x"]},
}


@pytest.mark.parametrize("problem", BAD)
def test_a_list_that_cannot_be_right_is_not_taken(settings: Any, tmp_path: Path, problem: str):
    path = tmp_path / "manifest.json"
    path.write_text(BAD[problem] if isinstance(BAD[problem], str) else json.dumps(BAD[problem]))
    settings.PERSISTED_OPERATIONS = str(path)
    with pytest.raises(BadManifest) as refused:
        known()
    assert problem.strip() in str(refused.value)


def test_a_server_with_a_list_that_is_not_there_does_not_start():
    environment = os.environ | {"PERSISTED_OPERATIONS": "/nowhere/manifest.json"}
    started = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert started.returncode != 0
    assert "PERSISTED_OPERATIONS: /nowhere/manifest.json cannot be read" in started.stderr


def test_the_list_is_written_of_our_clients_documents(settings: Any, tmp_path: Path):
    path = tmp_path / "manifest.json"
    call_command("persist_operations", *OPERATIONS.glob("*.graphql"), output=path)
    settings.PERSISTED_OPERATIONS = str(path)
    assert set(known().values()) == set(operations().values())
    content = json.loads(path.read_text())
    assert (content["format"], content["version"]) == (FORMAT, 1)
    assert {(each["name"], each["type"]) for each in content["operations"]} > {
        ("Me", "query"),
        ("LogIn", "mutation"),
        ("BoardLive", "subscription"),
    }


def test_apollo_s_clients_ask_for_typename_everywhere_but_at_the_root(tmp_path: Path):
    source, output = tmp_path / "a.graphql", tmp_path / "manifest.json"
    source.write_text("query A { viewer { email user { id __typename } } a: __typename }")
    call_command("persist_operations", source, output=output, typename=True)
    (operation,) = json.loads(output.read_text())["operations"]
    asked = "query A { viewer { email user { id __typename } __typename } a: __typename }"
    assert operation["body"].split() == asked.split()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("query A { emial }", "A does not hold"),
        ("{ viewer { email } }", "an operation has no name"),
        ("query A {", "Syntax Error"),
        ("query A { viewer { " + "email " * 30 + "} }", "at most 20"),
    ],
)
def test_no_list_is_written_of_what_would_be_refused(tmp_path: Path, text: str, problem: str):
    source, output = tmp_path / "a.graphql", tmp_path / "manifest.json"
    source.write_text(text)
    with pytest.raises(CommandError, match=problem):
        call_command("persist_operations", source, output=output)
    assert not output.exists()


def test_two_operations_have_two_names(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.graphql").write_text("query A { viewer { email } }")
    with pytest.raises(CommandError, match="two operations are called 'A'"):
        call_command("persist_operations", *tmp_path.glob("*.graphql"))
