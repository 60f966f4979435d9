"""Documents that are sent to do harm: written ones, each with the answer it gets, and as many generated ones as one likes.

A line of a `*.jsonl` is `document`, `code` (what it is refused with; null: it holds) and `why`. A document that is a list
is its pieces; one that is a pair stands so many times.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Hostile:
    """One document, and what becomes of it."""

    name: str
    document: str
    code: str | None


@cache
def written() -> tuple[Hostile, ...]:
    """All of the files."""
    return tuple(_written())


def _written() -> Iterator[Hostile]:
    for path in sorted(Path(__file__).parent.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            told = json.loads(line)
            yield Hostile(f"{path.stem}: {told['why']}", _spelled(told["document"]), told["code"])


def _spelled(document: Any) -> str:
    if isinstance(document, str):
        return document
    return "".join(piece if isinstance(piece, str) else piece[0] * piece[1] for piece in document)
