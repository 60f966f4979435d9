"""What people write: what is let in, and how it is shown."""

import re
import unicodedata
from typing import Any

import nh3
from django.db import models
from django.utils.functional import Promise
from markdown_it import MarkdownIt

from backend.core.refusals import Invalid

#: Characters of a text in Markdown; longer ones are documents, and belong into an attachment.
LONG_TEXT = 20_000
#: Combining marks that one letter may carry; two is what written languages need.
MARKS_PER_LETTER = 2

# html off: what is not Markdown stays the text that it is. nh3 then keeps only these tags whatever the parser does.
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_TAGS = {
    *("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "ul", "ol", "li"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
# Runs of these make a Markdown parser work in quadratic time; no sentence needs fifty of them.
_DELIMITER_RUN = re.compile(r"([\[\]*_`~!<>()|\\&#])\1{49,}|(?:\[\]|\]\[|\*_|_\*|\!\[|\]\(){30,}")


def clean_line(value: str, *, field: str, longest: int, shortest: int = 0) -> str:
    """One line as a person would write it: trimmed, NFC, without control or direction characters.

    Lengths are in characters. Raises `Invalid` for the field.
    """
    text = " ".join(_clean(value, field=field, kept="").split())
    return _sized(text, field=field, longest=longest, shortest=shortest)


def clean_text(value: str, *, field: str, longest: int = LONG_TEXT, shortest: int = 0) -> str:
    """Text of several lines, in Markdown: NFC, line ends as \\n, trimmed at its end.

    Lengths are in characters. Raises `Invalid` for the field.
    """
    text = _clean(value.replace("\r\n", "\n").replace("\r", "\n"), field=field, kept="\n\t").strip()
    if _DELIMITER_RUN.search(text):
        raise Invalid(field, "Nobody can read that many signs in a row.")
    return _sized(text, field=field, longest=longest, shortest=shortest)


def clean_words(values: list[str], *, field: str, most: int = 20, longest: int = 40) -> list[str]:
    """A short list of single words or phrases, in lower case, each once, in the order given."""
    words = [
        clean_line(value, field=field, longest=longest, shortest=1).lower() for value in values[: most + 1]
    ]
    if len(words) > most:
        raise Invalid(field, f"At most {most}.")
    return list(dict.fromkeys(words))


def clean_choice(value: str, choices: type[models.TextChoices], *, field: str) -> str:
    """One of the values of an enumeration."""
    if value not in choices.values:
        raise Invalid(field, "Not one of the choices.")
    return value


def clean_locale(value: str, *, field: str = "locale") -> str:
    """A language tag as `es`, `ca` or `pt-BR` (BCP 47, language and region only)."""
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", value):
        raise Invalid(field, "A language tag such as es, ca or pt-BR.")
    return value


def render(body: str) -> str:
    """The HTML of a Markdown text, safe to put into a page: links carry nofollow, nothing in it can run."""
    return nh3.clean(
        _markdown.render(body),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    ).strip()


def _clean(value: Any, *, field: str, kept: str) -> str:
    if isinstance(value, Promise) or not isinstance(value, str):
        raise Invalid(field, "A text.")
    text = unicodedata.normalize("NFC", value[: LONG_TEXT * 2])
    marks = 0
    for letter in text:
        category = unicodedata.category(letter)
        # Cc: control (NUL is refused by PostgreSQL too); Cs: half a character; Cf: direction overrides and zero-width
        # characters that make one name look like another. U+200D and U+FE0F hold emoji together.
        if category in ("Cc", "Cs") and letter not in kept:
            raise Invalid(field, "It holds characters that cannot be shown.")
        if category == "Cf" and letter not in "\u200d\u200c\u00ad":
            raise Invalid(field, "It holds characters that cannot be seen.")
        marks = marks + 1 if category in ("Mn", "Me") and letter != "\ufe0f" else 0
        if marks > MARKS_PER_LETTER:
            raise Invalid(field, "Too many marks on one letter.")
    return text


def _sized(text: str, *, field: str, longest: int, shortest: int) -> str:
    if len(text) < shortest:
        raise Invalid(field, "Say something." if shortest == 1 else f"At least {shortest} characters.")
    if len(text) > longest:
        raise Invalid(field, f"At most {longest} characters.")
    return text
