"""What will go wrong, and in which order: drawn from the seed before anything starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.chaos.chance import chance
from tests.chaos.fleet import HTTP, SOCKETS
from tests.chaos.options import Options
from tests.chaos.points import AFTER_COMMIT, AFTER_POKE, BEFORE_COMMIT, MID_SEND

#: SIGKILL from outside, whatever the process is doing.
ANY_MOMENT = "any-moment"
#: How Redis goes: empty at its return as always, or emptied once more when it is back.
RESTART, FLUSH = "restart", "flush"
#: How PostgreSQL goes: in order, or as in a power cut.
FAST, CRASH = "fast", "crash"
#: How clients stop reading: for seconds, for longer than the server waits for a ping's answer, for ever.
SLOW, STALLED, FROZEN = "slow", "stalled", "frozen"
#: Who dies where, in turn: each point is met before one is met again.
_DEATHS = (
    (SOCKETS, MID_SEND),
    (HTTP, BEFORE_COMMIT),
    (HTTP, AFTER_COMMIT),
    (SOCKETS, ANY_MOMENT),
    (HTTP, AFTER_POKE),
    (HTTP, ANY_MOMENT),
)


@dataclass(frozen=True)
class Death:
    """How one process will die: the n-th time that its point is reached; at any moment, n deliveries after its start."""

    point: str
    n: int

    def __str__(self) -> str:
        return f"{self.point} ({self.n})"


@dataclass(frozen=True)
class Outage:
    """A service goes when this share of the deliveries is made, and comes back after some seconds."""

    share: float
    how: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.how} at {self.share:.0%} for {self.seconds:.1f} s"


@dataclass
class Plan:
    """The faults of a storm: deaths by place in the fleet, outages of each service, readers that do not read."""

    deaths: dict[str, list[list[Death]]]
    redis: list[Outage]
    postgres: list[Outage]
    readers: list[Outage]

    def lines(self) -> Iterator[str]:
        """What it says, for whoever runs it."""
        for role, places in self.deaths.items():
            for number, deaths in enumerate(places):
                yield f"{role} {number}: {', '.join(map(str, deaths)) or 'lives'}"
        for name in ("redis", "postgres", "readers"):
            if outages := getattr(self, name):
                yield f"{name}: {', '.join(map(str, outages))}"


def drawn(options: Options) -> Plan:
    """The plan of these options' seed: so many faults of each kind, spread over the deliveries."""
    luck = chance(options.seed, "plan")
    places = {HTTP: options.writing, SOCKETS: options.serving}
    deaths: dict[str, list[list[Death]]] = {
        role: [[] for _ in range(count)] for role, count in places.items()
    }
    turns = [_DEATHS[number % len(_DEATHS)] for number in range(options.kills)]
    luck.shuffle(turns)
    dealt = dict.fromkeys(places, 0)
    for role, point in turns:
        place = deaths[role][dealt[role] % places[role]]
        dealt[role] += 1
        place.append(Death(point, 0))
    for role, count in places.items():
        for place in deaths[role]:
            place[:] = [
                Death(death.point, _drawn_n(luck, death.point, options, count, len(place))) for death in place
            ]
    redis = [FLUSH] * options.flushes + [RESTART] * (options.redis - options.flushes)
    postgres = [(CRASH, FAST)[number % 2] for number in range(options.postgres)]
    readers = [SLOW] * options.slow + [STALLED] * options.stalled + [FROZEN] * options.frozen
    return Plan(deaths, *(_outages(luck, kinds, options) for kinds in (redis, postgres, readers)))


def stalled_seconds(options: Options) -> float:
    """How long a stalled reader does not read: until the server has lost its patience with pings."""
    return options.ping * 2 + 5.0


def _drawn_n(luck: Random, point: str, options: Options, processes: int, deaths: int) -> int:
    # What one process meets of it in the time that is its own, between one death and the next.
    met = options.deliveries / (deaths + 1)
    if point != ANY_MOMENT:
        met /= options.sockets / options.boards
        # Each event is written by one process, and told by all.
        met /= 1 if point == MID_SEND else processes
    return max(1, int(met * luck.uniform(0.3, 1.1)))


def _outages(luck: Random, kinds: list[str], options: Options) -> list[Outage]:
    luck.shuffle(kinds)
    shares = sorted(luck.uniform(0.05, 0.95) for _ in kinds)
    longest = options.outage
    seconds = {STALLED: stalled_seconds(options)}
    return [
        Outage(share, kind, seconds.get(kind) or luck.uniform(longest / 4, longest))
        for share, kind in zip(shares, kinds, strict=True)
    ]
