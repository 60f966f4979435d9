"""A text in CSV is never a formula, and is never lost."""

import csv
import io
import unicodedata

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema.datasets.cells import cell, plain, safe
from schema.datasets.tables import tables
from schema.opendata.models import VIEWS
from tests.schema.datasets.world import TEXTS

#: PostgreSQL holds no NUL, and UTF-8 no half of a character.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
RISKY = st.text(st.sampled_from("=+-@＝＋－＠'\t\r\n \u00a0\u200b\ufeff\",;|0aA"))
SIGNS = {*"=+-@＝＋－＠"}


def is_run(shown: str) -> bool:
    """Whether a spreadsheet could take a cell for a formula: by its first sign, what is not seen left out (OWASP)."""
    seen = [sign for sign in shown if not sign.isspace() and unicodedata.category(sign) not in ("Cf", "Cc")]
    return bool(seen and seen[0] in SIGNS and shown[0] != "'") or shown[:1] in ("\t", "\r", "\n")


@given(TEXT | RISKY)
@example("=1")
@example("\u2060\u200e=1")
@example("\x1b=1")
@example("\u3000\u00ad=1")
def test_no_text_is_run_and_every_text_comes_back(text: str):
    assert not is_run(safe(text))
    assert plain(safe(text)) == text


@given(st.lists(TEXT | RISKY, min_size=1, max_size=5))
def test_a_row_is_read_as_it_was_written(texts: list[str]):
    file = io.StringIO(newline="")
    csv.writer(file).writerow([cell(text) for text in texts])
    file.seek(0)
    rows = list(csv.reader(file, strict=True))
    assert [[plain(each) for each in row] for row in rows] == [texts]


def test_a_text_that_is_no_formula_is_as_it_was():
    for text in ("", "Riego", "a=b", "1-1", "2026-11-26", "ñ", "# 1", "[=1]"):
        assert safe(text) == text


@pytest.mark.parametrize("text", TEXTS)
def test_the_texts_of_the_world_come_back(text: str):
    assert not is_run(safe(text)) and plain(safe(text)) == text


def test_a_control_that_writes_texts_as_they_are_is_run():
    assert [text for text in TEXTS if is_run(text)] == list(TEXTS[:10])


@given(st.integers() | st.none())
def test_a_number_stays_a_number(number: int | None):
    assert cell(number) is number


@given(st.lists(TEXT | RISKY, max_size=3))
def test_a_list_is_json_and_begins_with_a_bracket(texts: list[str]):
    written = cell(texts)
    assert written[0] == "[" and orjson.loads(written) == texts


def test_every_view_is_published_with_a_word_for_each_column():
    assert [table.view for table in tables()] == [view._meta.db_table for view in VIEWS]
    assert [
        (table.name, column.name) for table in tables() for column in table.columns if not column.says
    ] == []
    assert len({table.name for table in tables()}) == len(VIEWS)
