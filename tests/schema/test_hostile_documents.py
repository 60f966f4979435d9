"""The written hostile documents and many generated ones: each is answered or refused as it should be, before anything runs.

How long that takes is measured elsewhere (`make bench-guard`).
"""

import os
import random

import pytest

from schema.documents import Documents
from schema.operations import core, prepare, reader
from schema.preparing import BadRequest
from tests.asking import statements
from tests.schema.hostile import Hostile, written
from tests.schema.hostile.generated import generated

#: 20,000 of them in the night: EXAMPLES=1334.
COUNT = 15 * int(os.environ.get("EXAMPLES", "100"))
#: All that a document can be refused with before it runs.
CODES = {
    *("QUERY_TOO_COMPLEX", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "OPERATION_NOT_FOUND"),
    *("VALIDATION", None),
}


@pytest.fixture(autouse=True)
def no_statement(db: None):
    """Nothing is asked of PostgreSQL."""
    with statements() as said:
        yield
    assert said == []


def decided(document: str) -> str | None:
    """The code of all errors that a document is refused with; None for one that holds."""
    try:
        prepare(document, None, None)
    except BadRequest as refused:
        (code,) = {error["extensions"]["code"] for error in refused.errors}
        assert all(error["message"] and "Did you mean" not in error["message"] for error in refused.errors)
        return str(code)
    return None


@pytest.mark.parametrize("hostile", written(), ids=lambda hostile: hostile.name)
def test_a_written_document_gets_the_answer_that_stands_beside_it(hostile: Hostile):
    assert decided(hostile.document) == hostile.code


def test_there_are_enough_of_them_and_each_is_another():
    assert len(written()) >= 300
    assert (
        len({hostile.document for hostile in written()})
        == len({each.name for each in written()})
        == len(written())
    )


def test_a_generated_document_is_answered_or_refused():
    seed = random.randrange(10**9)  # noqa: S311
    found = {code: 0 for code in CODES}
    for number, document in enumerate(generated(seed, COUNT)):
        try:
            found[decided(document)] += 1
        except Exception as bug:
            pytest.fail(f"document {number} of seed {seed}: {bug!r}\n{document[:2000]}")
    # Else it would show nothing about what each step does with them.
    assert all(found[code] > COUNT / 100 for code in CODES - {"OPERATION_NOT_FOUND"}), found


def test_without_the_guard_it_would_be_answered(monkeypatch: pytest.MonkeyPatch):
    """The control: without it that very document holds."""
    document = next(each.document for each in written() if each.name == "repeats: one field 50 times")
    assert decided(document) == "QUERY_TOO_COMPLEX"
    monkeypatch.setattr("schema.documents.refuse_excess", lambda *_: None)
    # Where it is kept, nobody else finds it.
    monkeypatch.setattr(reader, "documents", Documents(core))
    assert decided(document) is None
