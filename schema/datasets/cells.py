"""A value as a cell of CSV, which a spreadsheet must not take for a formula (OWASP, "CSV Injection")."""

import re
from typing import Any

import orjson

#: What stands before a text that a spreadsheet could run.
MARK = "'"
#: = + - @ and their wide forms, also behind spaces and what is not seen; tab, CR and LF, which OWASP names too. And the
#: mark itself: so whoever takes one mark from the start of a cell always has the text as it was.
_RUNS = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|['\t\r\n]")


def safe(text: str) -> str:
    """The text, with `MARK` before it where a spreadsheet could take it for a formula."""
    return MARK + text if _RUNS.match(text) else text


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
