"""What the servers said that they had done, held against what stands in the table."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg


@dataclass(frozen=True)
class Recorded:
    """One row of the log of events."""

    stream: str
    seq: int
    kind: str
    facts: dict[str, Any]

    @property
    def subject(self) -> tuple[str, int]:
        """Its kind, and the claim that it is about, or else the task."""
        return self.kind, self.facts.get("claim_id") or self.facts["task_id"]


@dataclass
class Ledger:
    """The journal that the writers keep: what was acknowledged, and of what nobody knows whether it was done."""

    acknowledged: Counter[tuple[str, int]] = field(default_factory=Counter)
    #: How many were acknowledged.
    writes: int = 0
    unanswered: Counter[str] = field(default_factory=Counter)
    #: Why there was no answer, for the report.
    reasons: Counter[str] = field(default_factory=Counter)

    def acknowledge(self, kind: str, subject: int, *, once: bool = False) -> None:
        """The servers said that this is done; `once`: however often they say it, it was done once."""
        if once and self.acknowledged[kind, subject]:
            return
        self.acknowledged[kind, subject] += 1
        self.writes += 1

    def lost(self, rows: Iterable[Recorded]) -> int:
        """How many acknowledged writes are not in the table."""
        stand = Counter(row.subject for row in rows)
        return sum((self.acknowledged - stand).values())

    def unasked(self, rows: Iterable[Recorded]) -> int:
        """How many rows no writer can have asked for: more than were acknowledged and unanswered together."""
        stand = Counter(row.kind for row in rows)
        asked = Counter(self.unanswered)
        for (kind, _), count in self.acknowledged.items():
            asked[kind] += count
        return sum((stand - asked).values())


def recorded(url: str, streams: Iterable[str]) -> list[Recorded]:
    """The rows of these streams, in their order."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT stream_id, seq, kind, facts FROM core_recordedevent"
            " WHERE stream_id = ANY(%s) ORDER BY stream_id, seq",
            [list(streams)],
        )
        return [Recorded(*row) for row in rows]


def numbers(rows: Iterable[Recorded]) -> dict[str, list[int]]:
    """The numbers of each stream."""
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row.stream, []).append(row.seq)
    return found


def gaps(rows: Iterable[Recorded]) -> int:
    """How many numbers the streams themselves skip or say twice: none, whatever died."""
    return sum(
        len(set(range(1, len(taken) + 1)) ^ set(taken)) + len(taken) - len(set(taken))
        for taken in numbers(rows).values()
    )
