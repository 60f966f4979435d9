"""What is counted while it happens: how much was delivered in which second, and what befell whom."""

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mark:
    """A fault, and the second at which it came."""

    second: float
    kind: str
    label: str


@dataclass
class Tally:
    """The counts of one scenario; its clock begins with it."""

    began: float = field(default_factory=time.monotonic)
    deliveries: int = 0
    #: When the last of them came.
    delivered_at: float = 0.0
    a_second: Counter[int] = field(default_factory=Counter)
    marks: list[Mark] = field(default_factory=list)
    #: Deaths by the point at which they came.
    kills: Counter[str] = field(default_factory=Counter)
    #: Redis and PostgreSQL gone and come back, readers slow and frozen.
    faults: Counter[str] = field(default_factory=Counter)
    #: How subscriptions and their sockets ended, and what else clients were told that is no event.
    endings: Counter[str] = field(default_factory=Counter)
    #: From the end of a socket to the first event on the next one, in seconds.
    resumes: list[float] = field(default_factory=list)
    #: Processes that ended, and not by our hand.
    surprises: list[str] = field(default_factory=list)

    @property
    def second(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self.began

    def deliver(self) -> None:
        """One event came to one client."""
        self.deliveries += 1
        self.delivered_at = time.monotonic()
        self.a_second[int(self.delivered_at - self.began)] += 1

    def mark(self, kind: str, label: str) -> None:
        """A fault comes now."""
        self.marks.append(Mark(round(self.second, 2), kind, label))

    def died(self, point: str) -> None:
        """A server was killed."""
        self.kills[point] += 1
        self.mark("kill", point)


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of them lies; 0 of none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0
