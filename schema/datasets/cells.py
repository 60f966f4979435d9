"""A value as a cell of CSV, which a spreadsheet must not take for a formula (OWASP, "CSV Injection")."""

import unicodedata
from typing import Any

import orjson

#: What stands before a text that a spreadsheet could run.
MARK = "'"
#: What a formula begins with, in its wide form too.
_FORMULA = frozenset("=+-@＝＋－＠")
#: OWASP names tab, CR and LF too. And the mark itself: so whoever takes one mark from the start of a cell always has the
#: text as it was.
_FIRST = frozenset("\t\r\n" + MARK)
#: Controls and signs of format: a program may leave them out and look at what is behind them.
_UNSEEN = ("Cc", "Cf")


def safe(text: str) -> str:
    """The text, with `MARK` before it where a spreadsheet could take it for a formula."""
    return MARK + text if text[:1] in _FIRST or _seen_first(text) in _FORMULA else text


def _seen_first(text: str) -> str:
    for sign in text:
        if not sign.isspace() and unicodedata.category(sign) not in _UNSEEN:
            return sign
    return ""


def plain(cell: str) -> str:
    """The text that `safe` made a cell of."""
    return cell.removeprefix(MARK)


def cell(value: Any) -> Any:
    """A value of JSON as a cell: texts are safe, numbers are numbers, lists are JSON (they begin with a bracket)."""
    match value:
        case str():
            return safe(value)
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return orjson.dumps(value).decode()
        case _:
            return value
