"""What one client was told, held against what stands in the table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Self


@dataclass(frozen=True)
class Difference:
    """How many events of a stream a client was told otherwise than they are recorded; all 0: exactly what it should be."""

    missing: int = 0
    repeated: int = 0
    reordered: int = 0
    #: Told, and not in the table: of a transaction that was rolled back, or of another stream.
    invented: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


def compared(received: Sequence[int], recorded: Iterable[int], *, after: int) -> Difference:
    """The difference between the numbers that a client received and those recorded behind the one it began after."""
    expected = {number for number in recorded if number > after}
    told = set(received)
    # Each once: what comes twice is repeated, and says nothing of the order of the rest.
    firsts = list(dict.fromkeys(received))
    return Difference(
        missing=len(expected - told),
        repeated=len(received) - len(told),
        reordered=sum(later < earlier for earlier, later in pairwise(firsts)),
        invented=len(told - expected),
    )
