"""The written table (`table.md`), as rows and cells."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("table.md")


@dataclass(frozen=True)
class Row:
    """One operation on one thing: what each column is answered."""

    way: str
    start: str
    thing: str
    cells: dict[str, str]

    def __str__(self) -> str:
        return " ".join(part for part in (self.way, self.start and f"of {self.start}:", self.thing) if part)


@cache
def rows(heading: str) -> tuple[Row, ...]:
    """The rows of the table under a heading. Raises `ValueError` for one that is not a row of it, or that is twice."""
    text = TABLE.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip("|") for line in text.splitlines() if line.startswith("|")]
    names, _, *written = [[cell.strip() for cell in line.split("|")] for line in lines]
    found = {}
    for cells in written:
        way, start, thing, *answers = cells
        if len(answers) != len(names) - 3 or not all(answers):
            raise ValueError(f"not a row of {heading}: {cells}")
        if (way, start, thing) in found:
            raise ValueError(f"twice: {way} {start} {thing}")
        found[way, start, thing] = Row(way, start, thing, dict(zip(names[3:], answers, strict=True)))
    return tuple(found.values())
