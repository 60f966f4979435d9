"""Documents that hold are read once and kept, within bounds; others are read each time."""

from typing import Any

import graphql
import pytest

from schema import documents
from schema.documents import Documents, Unfit
from schema.member.schema import schema


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that were parsed."""
    seen: list[str] = []

    def parse(query: str, **options: Any) -> Any:
        seen.append(query)
        return graphql.parse(query, **options)

    monkeypatch.setattr(documents, "parse", parse)
    return seen


def test_a_document_is_read_once(read: list[str]):
    kept = Documents(schema._schema)
    query = "query A { viewer { email } } query B { viewer { locale } }"

    assert kept.operation(query, "A") is kept.operation(query, "A")
    assert kept.operation(query, "B") is not kept.operation(query, "A")
    assert read == [query, query]


def test_what_does_not_hold_is_not_kept(read: list[str]):
    kept = Documents(schema._schema)
    for _ in range(2):
        with pytest.raises(Unfit):
            kept.operation("{ viewer { password } }", None)
    assert len(read) == 2


def test_the_longest_unused_is_forgotten_first(read: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(documents, "KEPT", 3 * documents.EACH)
    kept = Documents(schema._schema)
    first, second, third = (f"{{ viewer {{ {alias}: email }} }}" for alias in "abc")

    for query in (first, second, first, third, first, second):
        kept.operation(query, None)

    assert read == [first, second, third, second]


def test_a_document_larger_than_all_that_is_kept_is_answered_all_the_same(
    read: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(documents, "KEPT", documents.EACH)
    kept = Documents(schema._schema)
    for _ in range(2):
        assert kept.operation("{ viewer { email } }", None).type.name == "Query"
    assert len(read) == 2
