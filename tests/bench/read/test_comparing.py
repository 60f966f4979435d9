import copy
import os
import subprocess
import sys

import pytest

from tests.bench.cpu import seconds_of
from tests.bench.read.comparing import content, first_difference
from tests.bench.read.queries import QUERIES, global_id, pk_of

OURS = {
    "viewer": {
        "homeFeed": {
            "pageInfo": {"hasNextPage": False, "endCursor": "YWJj"},
            "edges": [
                {
                    "cursor": "YWJj",
                    "node": {
                        "__typename": "UpdatePublished",
                        "id": global_id("UpdatePublished", 7),
                        "occurredAt": "2026-01-01T00:00:00.500000+00:00",
                        "update": {
                            "id": global_id("Update", 7),
                            "bodyHtml": "<p>Rain</p>",
                            "publishedAt": "2026-01-01T00:00:00.500000+00:00",
                            "author": {"id": global_id("User", 12), "handle": "ana"},
                        },
                    },
                }
            ],
        }
    }
}
THEIRS = {
    "homeFeed": {
        "pageInfo": {"hasNextPage": False, "endCursor": "WyJuYXR1cmFsIl0="},
        "edges": [
            {
                "cursor": "WyJuYXR1cmFsIl0=",
                "node": {
                    "__typename": "UpdatesUpdate",
                    "id": "7",
                    "bodyHtml": "<p>Rain</p>",
                    "publishedAt": "2026-01-01T00:00:00.5+00:00",
                    "author": {"id": "12", "handle": "ana"},
                },
            }
        ],
    }
}


def test_equal_answers_have_no_difference() -> None:
    assert first_difference(OURS, copy.deepcopy(OURS)) is None


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        ({"a": [{"title": "x"}]}, {"a": [{"title": "y"}]}, ".a[0].title"),
        ({"a": [1, 2]}, {"a": [1]}, ".a"),
        ({"a": {"b": None}}, {"a": {}}, ".a"),
        ({"a": True}, {"a": 1}, ".a"),
        ({"a": None}, {"a": []}, ".a"),
    ],
)
def test_the_first_difference_is_named_by_its_place(one: object, other: object, place: str) -> None:
    found = first_difference(one, other)
    assert found is not None and found[0] == place


def test_two_spellings_of_one_content_are_the_same() -> None:
    assert first_difference(content(OURS), content(THEIRS)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "8"),
        ("bodyHtml", "<p>Sun</p>"),
        ("publishedAt", "2026-01-01T00:00:00.6+00:00"),
        ("author", None),
    ],
)
def test_other_content_is_not(name: str, value: str | None) -> None:
    changed = copy.deepcopy(THEIRS)
    changed["homeFeed"]["edges"][0]["node"][name] = value  # type: ignore[index]
    assert first_difference(content(OURS), content(changed))


def test_every_query_has_what_each_server_needs() -> None:
    sizes = {"users": 20_000, "small_boards": 1_000, "large_boards": 100}
    for query in QUERIES.values():
        for document in (query.document(), query.peer_document()):
            assert f"query {query.operation}(" in document
        assert query.variables(599, sizes) and query.peer_variables(599, sizes)
    assert pk_of(global_id("Board", 1_001)) == 1_001


def test_the_time_of_a_child_that_has_ended_is_counted() -> None:
    before = seconds_of(os.getpid())
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"], check=True)
    assert 0.25 < seconds_of(os.getpid()) - before < 30
