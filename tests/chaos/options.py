"""What can be asked of the harness, on its command line."""

import argparse
import random
from dataclasses import dataclass, fields, replace
from pathlib import Path

from config.local.places import CHECKOUT

STORM, BETWEEN, HERD, CONTROL = "storm", "between", "herd", "control"
SCENARIOS = (STORM, BETWEEN, HERD, CONTROL)


@dataclass(frozen=True)
class Options:
    """The sizes of a run; the defaults are those of the long form."""

    seed: int = 0
    only: tuple[str, ...] = SCENARIOS
    sockets: int = 200
    boards: int = 20
    deliveries: int = 200_000
    #: Processes that serve sockets, processes that answer HTTP, and clients that write.
    serving: int = 2
    writing: int = 2
    writers: int = 8
    kills: int = 12
    redis: int = 6
    flushes: int = 3
    postgres: int = 4
    slow: int = 10
    stalled: int = 3
    frozen: int = 5
    #: The longest that Redis or PostgreSQL stays away, and a slow reader does not read.
    outage: float = 6.0
    #: Seconds between pings, and until one must be answered.
    ping: int = 20
    between: int = 100
    herd: int = 1000
    #: After so many seconds a scenario has failed.
    patience: float = 1800.0
    #: So many times as long may it take where a time is promised: a machine that runs all tests at once is busy.
    lenience: float = 1.0
    #: Where what was found is written.
    results: Path = CHECKOUT / "bench"

    def again(self) -> str:
        """The arguments that ask for the same once more."""
        return " ".join(
            f"--{field.name.replace('_', '-')} {','.join(value) if isinstance(value, tuple) else value}"
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default or field.name == "seed"
        )


#: What `make test` has time for.
SHORT = Options(
    sockets=12,
    boards=3,
    deliveries=300,
    kills=5,
    redis=1,
    flushes=1,
    postgres=1,
    slow=1,
    stalled=0,
    frozen=1,
    writers=3,
    outage=1.5,
    between=3,
    herd=50,
    patience=60.0,
    lenience=3.0,
)


def small(options: Options) -> Options:
    """What the control is asked to stand: a naive server loses most at the first fault, and needs no more of them."""
    return replace(
        options,
        boards=2,
        sockets=8,
        deliveries=100,
        serving=1,
        writing=1,
        kills=1,
        redis=1,
        flushes=0,
        postgres=0,
        slow=0,
        stalled=0,
        frozen=0,
        outage=1.5,
    )


def parsed(arguments: list[str]) -> Options:
    """The options of a command line; a seed is drawn when none is given."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Kills servers, Redis and PostgreSQL under clients that must miss nothing.",
    )
    parser.add_argument("--short", action="store_true", help="small: the sizes that `make test` runs")
    parser.add_argument("--only", metavar="SCENARIO,…", help=f"some of {', '.join(SCENARIOS)}")
    for field in fields(Options):
        if field.name != "only":
            name = f"--{field.name.replace('_', '-')}"
            parser.add_argument(
                name, type=type(field.default), help=f"({field.default}; short {getattr(SHORT, field.name)})"
            )
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    options = SHORT if given.pop("short") else Options()
    if "only" in given:
        given["only"] = tuple(given["only"].split(","))
    given.setdefault("seed", random.SystemRandom().randrange(1, 10_000))
    options = replace(options, **given)
    if unknown := sorted(set(options.only) - set(SCENARIOS)):
        parser.error(f"there is no scenario {unknown[0]}; there are {', '.join(SCENARIOS)}")
    if options.sockets < options.boards or options.flushes > options.redis:
        parser.error("at least a socket a board, and no more flushes than restarts of Redis")
    return options
