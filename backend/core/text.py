"""What people write: what is let in, and how it is shown."""

import re
import unicodedata
from html import escape
from typing import Any

import nh3
from django.db import models
from django.utils.functional import Promise
from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline

from backend.core.refusals import Invalid

#: Characters of a text in Markdown; longer ones are documents, and belong into an attachment.
LONG_TEXT = 20_000
#: Combining marks that one letter may carry; two is what written languages need.
MARKS_PER_LETTER = 2
# Invisible, and needed: joiner and non-joiner, soft hyphen, and the sign that makes an emoji of a symbol.
_JOINERS = "\u200d\u200c\u00ad\ufe0f"
# Letters and symbols that are drawn as nothing.
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"

_TAGS = {
    *("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "ul", "ol", "li"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}

# A text that nobody would write can keep a parser of Markdown busy for seconds. Its work grows with the signs that mean
# something to it, twice as much with lines and items of lists, and with the cells that it adds to short rows of a table:
# the densest manuals that we found have 2,700 of all these in 20,000 characters. It reads an address letter by letter as
# far as it may reach: manuals have 240 links and words of 150 letters. And at each open bracket it looks at all that
# follows: manuals have 300 such looks. At these limits the slowest that a long search found takes 50 ms.
_SIGN = re.compile(r"[\[\]*_`~!<>|\\&]")
_BLOCK = re.compile(r"\n|(?:[-+*]|\d[.)])(?=\s)")
_TABLE_HEAD_ENDS = re.compile(r"[\s>|:-]+")
_MOST_EFFORT = 2_700
_MOST_LETTERS = 100_000
_MOST_LOOKS = 10_000


class _Hopeless(Exception):
    """The parser has looked at this text for longer than any that a person wrote."""


class _Inline(ParserInline):
    # The parser stops at these, and by default at those of extensions too.
    terminators = re.compile(r"[\n\[\]*_`~<\\&]")

    def __init__(self) -> None:
        super().__init__()
        self.terminator_re = self.terminators

    def skipToken(self, state: StateInline) -> None:
        """One look ahead."""
        state.env["looks"] += 1
        if state.env["looks"] > _MOST_LOOKS:
            raise _Hopeless
        super().skipToken(state)


# html off: what is not Markdown stays the text that it is. nh3 then keeps only these tags whatever the parser does.
# image off: pictures are attachments; written here they are a link to themselves, and fetch nothing from strangers.
# reference off: a long address defined once and named a hundred times makes megabytes of a page of text.
_markdown = MarkdownIt()
_markdown.inline = _Inline()
_markdown.configure("commonmark", {"html": False, "linkify": False})
_markdown.enable(["table", "strikethrough"]).disable(["image", "reference"])


def clean_line(value: str, *, field: str, longest: int, shortest: int = 0) -> str:
    """One line as a person would write it: trimmed, NFC, without control or direction characters.

    Lengths are in characters. Raises `Invalid` for the field.
    """
    text = " ".join(_clean(value, field=field, longest=longest, kept="").split())
    return _sized(text, field=field, longest=longest, shortest=shortest)


def clean_text(value: str, *, field: str, longest: int = LONG_TEXT, shortest: int = 0) -> str:
    """Text of several lines, in Markdown: NFC, line ends as \\n, trimmed at its end.

    Lengths are in characters. Raises `Invalid` for the field.
    """
    text = _clean(value, field=field, longest=longest, kept="\n\r\t")
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return _sized(text, field=field, longest=longest, shortest=shortest)


def clean_words(values: list[str], *, field: str, most: int = 20, longest: int = 40) -> list[str]:
    """A short list of single words or phrases, in lower case, each once, in the order given."""
    # Lower case first: it may be longer ("İ" becomes two characters).
    words = [
        clean_line(value.lower(), field=field, longest=longest, shortest=1) for value in values[: most + 1]
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
    """The HTML of a Markdown text, safe to put into a page: links carry nofollow, nothing in it can run.

    What has more signs than a person writes is shown as the plain text that it is.
    """
    try:
        html = _markdown.render(body, {"looks": 0}) if _is_readable(body) else _plain(body)
    except _Hopeless:
        html = _plain(body)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    ).strip()


def _is_readable(body: str) -> bool:
    effort = len(_SIGN.findall(body)) + 2 * len(_BLOCK.findall(body))
    columns = 0
    for row in body.split("\n"):
        if not row.strip(" \t>"):
            columns = 0
        elif _TABLE_HEAD_ENDS.fullmatch(row):
            columns = max(columns, row.count("|"))
        effort += max(0, columns - row.count("|"))
    letters = body.count("](") * max(map(len, body.split()), default=0)
    return effort <= _MOST_EFFORT and letters <= _MOST_LETTERS


def _plain(body: str) -> str:
    paragraphs = re.split(r"\n{2,}", escape(body))
    return "\n".join(f"<p>{paragraph}</p>".replace("\n", "<br>\n") for paragraph in paragraphs)


def _clean(value: Any, *, field: str, longest: int, kept: str) -> str:
    if isinstance(value, Promise) or not isinstance(value, str):
        raise Invalid(field, "A text.")
    # Before the walk over its letters; cutting instead would lose what somebody wrote, in silence.
    if len(value) > 2 * LONG_TEXT:
        raise Invalid(field, f"At most {longest} characters.")
    text = unicodedata.normalize("NFC", value)
    marks = 0
    for letter in text:
        category = unicodedata.category(letter)
        # Cc: control (NUL is refused by PostgreSQL too); Cs: half a character; Cf: direction overrides and zero-width
        # characters that make one name look like another. U+200D and U+FE0F hold emoji together.
        if category in ("Cc", "Cs") and letter not in kept:
            raise Invalid(field, "It holds characters that cannot be shown.")
        if letter in _JOINERS:
            continue
        if category == "Cf":
            raise Invalid(field, "It holds characters that cannot be seen.")
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MARKS_PER_LETTER:
            raise Invalid(field, "Too many marks on one letter.")
    return text


def _sized(text: str, *, field: str, longest: int, shortest: int) -> str:
    if shortest and not any(map(_is_visible, text)):
        raise Invalid(field, "Say something.")
    if len(text) < shortest:
        raise Invalid(field, f"At least {shortest} characters.")
    if len(text) > longest:
        raise Invalid(field, f"At most {longest} characters.")
    return text


def _is_visible(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LNPS" and letter not in _BLANKS
