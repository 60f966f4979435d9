"""How Goteo's words become ours: origins, names that are free, texts that fit their columns."""

from collections.abc import Iterator
from itertools import chain, count

from django.utils.html import linebreaks

from backend.core.refusals import Invalid
from backend.core.text import LONG_TEXT, clean_text, render


def origin(goteo_id: str | int) -> str:
    """The `imported_from` of what Goteo knows by this id."""
    return f"goteo:{goteo_id}"


def fitted(text: str, longest: int) -> str:
    """A text as a column holds it: to the letter, or its beginning and "…"."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def rendered(text: str) -> str:
    """The HTML of a text of any length and kind."""
    try:
        clean_text(text, field="text")
        # clean_text looks at the beginning of a very long text only.
        return render(text) if len(text) <= LONG_TEXT else _lines(text)
    except Invalid:
        # What nobody could have written here (too long, signs that keep a parser busy) is shown as plain lines.
        return _lines(text)


def _lines(text: str) -> str:
    return str(linebreaks(text, autoescape=True))


def candidates(stem: str, longest: int) -> Iterator[str]:
    """Names to try in turn: the stem, then with "-goteo", then with numbers; the same row at every import."""
    for ending in chain(("", "-goteo"), (f"-goteo-{number}" for number in count(2))):
        yield stem[: longest - len(ending)].rstrip("-_") + ending
