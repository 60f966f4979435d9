"""What an operation may cost, as its plans know it: how many things it may be told, and the work that they are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from schema.planner.slots import Run

#: Work, in tenths of a point: of a thing, a list whatever it holds, counting one, searching in one, of what is done,
#: and of a root field, so that one thing by its name is one point: a third of a millisecond, as the other points about are.
THING, LIST, COUNT, SEARCH, DEED, ROOT = 1, 2, 5, 200, 100, 9
_A_POINT = 10
#: Things that one operation may be told of: lists in lists multiply, and so does their memory. With pages of 50 the largest
#: document of our clients asks for a tenth.
MOST_NODES = 5_000


class Price(NamedTuple):
    """`nodes`: the things that may be told, rows of lists and single ones; `work`: what all of it takes."""

    nodes: int = 0
    work: int = 0

    @property
    def points(self) -> int:
        """What is paid for it."""
        return -(-self.work // _A_POINT)


@dataclass(eq=False, slots=True)
class Level:
    """The rows of one list, or the one thing that a plan stands on; and what is asked of each of them."""

    #: How many there are at most in a run, in all the lists that it stands in; None: there is one.
    times: Callable[[Run], int] | None = None
    nodes: int = 0
    work: int = 0

    def add(self, *, nodes: int = 0, work: int = 0) -> None:
        """Each of its rows has these besides."""
        self.nodes += nodes
        self.work += work

    def below(self, rows: Callable[[Run], int]) -> "Level":
        """A list of so many rows in each of its rows."""
        outer = self.times
        if outer is None:
            return Level(rows, nodes=1, work=THING)
        return Level(lambda run: outer(run) * rows(run), nodes=1, work=THING)

    def clear(self) -> None:
        """None of its rows is told, only what is asked on them."""
        self.nodes = self.work = 0


def price_of(levels: list[Level]) -> Callable[[Run], Price]:
    """What a plan with these levels costs in a run. Its sizes raise `Invalid`."""
    fixed = Price(
        sum(each.nodes for each in levels if each.times is None),
        sum(each.work for each in levels if each.times is None),
    )
    counted = [(each.times, each.nodes, each.work) for each in levels if each.times is not None]
    if not counted:
        return lambda run: fixed

    def price(run: Run) -> Price:
        nodes, work = fixed
        for times, its_nodes, its_work in counted:
            rows = times(run)
            nodes += rows * its_nodes
            work += rows * its_work
        return Price(nodes, work)

    return price
