import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.core.refusals import Invalid
from backend.core.text import (
    LONG_TEXT,
    clean_choice,
    clean_line,
    clean_locale,
    clean_text,
    clean_words,
)
from backend.projects.models import Category
from tests.cast import Cast

# Any code point, half characters too, and then the ones that make trouble, often.
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80)
TROUBLE = st.text(
    st.sampled_from(
        "ae İıßK가ﬁ\t\n\r\0\x1b\x85\u00ad\u0301\u0308\u034f\u2028\u200b\u200c\u200d\u202e\u3000\ufe0f😀👩é"
    ),
    max_size=40,
)


def line(value: str, longest: int = 60, shortest: int = 0) -> str:
    return clean_line(value, field="title", longest=longest, shortest=shortest)


def text(value: str, longest: int = LONG_TEXT, shortest: int = 0) -> str:
    return clean_text(value, field="body", longest=longest, shortest=shortest)


def words(values: list[str], most: int = 20) -> list[str]:
    return clean_words(values, field="tags", most=most)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Paint \u3000 the   gate ", "Paint the gate"),
        ("Cafe\u0301", "Café"),
        ("Ångström \u212b", "Ångström Å"),
        ("a\u2028b\u2029c", "a b c"),
        ("नमस्ते", "नमस्ते"),
        ("مي\u200cخواهم", "مي\u200cخواهم"),
        ("👩\u200d🌾 and 🏳\ufe0f\u200d🌈", "👩\u200d🌾 and 🏳\ufe0f\u200d🌈"),
        ("<b>1 < 2</b> & so", "<b>1 < 2</b> & so"),
        ("=HYPERLINK(0)", "=HYPERLINK(0)"),
    ],
)
def test_a_line_is_trimmed_and_composed_and_else_left_alone(written: str, kept: str):
    assert line(written) == kept


@pytest.mark.parametrize(
    "value",
    [
        "two\nlines",
        "a\tb",
        "a\0b",
        "red \x1b[31m",
        "\r\n[ERROR] forged",
        "next\x85line",
        "half \ud83d a face",
        "admin\u202enimda",
        "ad\u200bmin",
        "left\u200eright",
        "\ufeffmark",
        "isolate\u2066",
        "tag\U000e0061",
    ],
)
def test_a_line_holds_nothing_that_cannot_be_shown_or_seen(value: str):
    with pytest.raises(Invalid) as refusal:
        line(value)
    assert (refusal.value.code, refusal.value.field) == ("VALIDATION", "title")


@pytest.mark.parametrize(
    "zalgo",
    [
        "Z" + "\u0363" * 200,
        "Z" + "\u0363\u0364\u0365",
        # What holds an emoji together does not start a new letter.
        "Z" + "\u0363\u0364\ufe0f" * 50,
        "Z" + "\u0363\u0364\u200d" * 50,
        "Z" + "\u20dd\u20dd\u20dd",
    ],
)
def test_a_letter_carries_two_marks_at_most(zalgo: str):
    with pytest.raises(Invalid, match="marks"):
        line(zalgo, longest=400)


def test_two_marks_on_every_letter_are_a_language():
    assert line("q\u0323\u0302q\u0323\u0302") == "q\u0323\u0302q\u0323\u0302"


@pytest.mark.parametrize(
    "blank", ["", "   ", "\u3000", "\u00ad", "\u200d", "\ufe0f", "\u3164", "\u2800", "\u115f"]
)
def test_a_name_that_nobody_can_see_is_no_name(blank: str):
    with pytest.raises(Invalid, match=r"Say something\."):
        line(blank, shortest=1)
    assert line(" a ", shortest=1) == "a"


def test_lengths_are_counted_in_characters_after_cleaning():
    assert line("é" * 60) == line("e\u0301" * 60) == "é" * 60
    assert line("😀" * 60) == "😀" * 60
    with pytest.raises(Invalid, match=r"At most 60 characters\."):
        line("é" * 61)
    with pytest.raises(Invalid, match=r"At least 3 characters\."):
        line("ab", shortest=3)
    assert len(text("a" * LONG_TEXT)) == LONG_TEXT
    with pytest.raises(Invalid, match="At most 20000"):
        text("a" * (LONG_TEXT + 1))


@pytest.mark.parametrize(
    "value",
    ["a" + " " * 2 * LONG_TEXT + "b", "e\u0301" * LONG_TEXT + "!", "a" * 10_000_000],
    ids=["far apart", "many that become few", "ten million"],
)
def test_nothing_is_cut_off_in_silence(value: str):
    for clean in (line, text):
        with pytest.raises(Invalid, match="At most"):
            clean(value)


def test_a_text_keeps_its_lines_and_has_one_kind_of_line_end():
    assert text("  one\r\ntwo\rthree\n\n\tfour  \n") == "one\ntwo\nthree\n\n\tfour"


@pytest.mark.parametrize(
    "value", ["a\0b", "a\x0bb", "a\x1bb", "\udcff", "a\u202eb", "Z" + "\u0363\u0364\u0365"]
)
def test_a_text_holds_nothing_that_cannot_be_shown_or_seen(value: str):
    with pytest.raises(Invalid) as refusal:
        text(value)
    assert (refusal.value.code, refusal.value.field) == ("VALIDATION", "body")


@pytest.mark.parametrize("value", [None, 5, b"bytes", ["a"], {}])
def test_what_is_not_a_text_is_refused_and_not_a_crash(value: object):
    for clean in (line, text):
        with pytest.raises(Invalid):
            clean(value)


def is_clean(value: str) -> bool:
    """The promise, said another way than in the code."""
    return (
        unicodedata.is_normalized("NFC", value)
        and not re.search(
            r"[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f]", value
        )
        and value == value.strip()
    )


@given(value=ANYTHING | TROUBLE)
@example(value="\u1100\u1161 \u0344")
def test_any_text_is_refused_or_stored_as_it_will_be_read(cast: Cast, value: str):
    for clean in (line, text):
        try:
            cleaned = clean(value)
        except Invalid:
            continue
        assert is_clean(cleaned)
        assert clean(cleaned) == cleaned
        User.objects.filter(pk=cast.cy.pk).update(bio=cleaned)
        assert User.objects.get(pk=cast.cy.pk).bio == cleaned
        assert clean is text or re.fullmatch(r"\S+( \S+)*|", cleaned)


@given(values=st.lists(ANYTHING | TROUBLE, max_size=4))
@example(values=["İ" * 40])
@example(values=["\u0130" * 21])
def test_any_words_are_refused_or_fit_their_column(cast: Cast, values: list[str]):
    try:
        cleaned = words(values)
    except Invalid:
        return
    assert words(cleaned) == cleaned
    assert len(set(cleaned)) == len(cleaned) <= len(values)
    User.objects.filter(pk=cast.cy.pk).update(skills=cleaned)
    assert User.objects.get(pk=cast.cy.pk).skills == cleaned


def test_words_are_in_lower_case_and_each_stands_once():
    assert words(["Agua", " agua ", "AGUA  limpia", "Río"]) == ["agua", "agua limpia", "río"]
    assert words([]) == []


@pytest.mark.parametrize(
    "values", [[""], ["  "], ["a" * 41], [f"word {number}" for number in range(21)], ["x"] * 10_000]
)
def test_words_are_twenty_of_forty_characters_at_most(values: list[str]):
    with pytest.raises(Invalid) as refusal:
        words(values)
    assert refusal.value.field == "tags"


@pytest.mark.parametrize("value", ["", "ecological", "PASSWORD", "SOCIAL\0", "SOCIAL "])
def test_a_choice_is_one_of_the_choices_to_the_letter(value: str):
    assert clean_choice("ECOLOGICAL", Category, field="category") == "ECOLOGICAL"
    with pytest.raises(Invalid) as refusal:
        clean_choice(value, Category, field="category")
    assert refusal.value.field == "category"


@pytest.mark.parametrize(
    "value", ["", "e", "ES", "es_ES", "es-es", "es-ESP", "espa", "es\n", "pt-BR-x", "ｅｓ", "e" * 10_000]
)
def test_a_locale_is_a_language_and_perhaps_a_region(value: str):
    assert [clean_locale(tag) for tag in ("es", "ast", "pt-BR")] == ["es", "ast", "pt-BR"]
    with pytest.raises(Invalid) as refusal:
        clean_locale(value)
    assert refusal.value.field == "locale"
