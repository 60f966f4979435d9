"""What was found, as bars that are kept or missed, and as JSON for whoever compares two runs."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.local.places import CHECKOUT
from tests.chaos.between import Silences
from tests.chaos.comparing import Difference
from tests.chaos.herd import Stampede
from tests.chaos.ledger import gaps
from tests.chaos.options import BETWEEN, CONTROL, HERD, STORM, Options
from tests.chaos.storm import Weather
from tests.chaos.tally import Tally, percentile

#: Seconds: an event whose poke died, a herd that comes back, and what others wait for an answer meanwhile.
LATEST_EVENT, LATEST_RESUME, LONGEST_WAIT = 5.0, 30.0, 1.0
MOST_CONNECTIONS = 30

Found = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """One promise, and whether it is kept."""

    scenario: str
    name: str
    value: float
    promised: str
    is_kept: bool

    def __str__(self) -> str:
        kept = "kept  " if self.is_kept else "MISSED"
        return f"  {kept}  {self.scenario:8} {self.name:44} {self.value:>10,.6g}  {self.promised}"


def bars(found: Found, options: Options) -> list[Bar]:
    """Every promise of the scenarios that were run."""
    of: dict[str, Callable[[Any, Options], Iterator[Bar]]] = {
        STORM: _of_storm,
        BETWEEN: _of_between,
        HERD: _of_herd,
        CONTROL: _of_control,
    }
    return [bar for name, result in found.items() for bar in of[name](result, options)]


def write_json(path: Path, found: Found, kept: list[Bar], options: Options) -> None:
    """Everything that was counted."""
    content = {
        "commit": _commit(),
        "machine": {
            "processors": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "options": asdict(options),
        "bars": [asdict(bar) for bar in kept],
        "scenarios": {name: _told(result) for name, result in found.items()},
    }
    path.write_text(json.dumps(content, indent=1, default=str) + "\n")


def _of_storm(weather: Weather, options: Options) -> Iterator[Bar]:
    tally, ledger = weather.tally, weather.ledger
    yield from _exact(STORM, weather.difference)
    yield _none(STORM, "told to load anew, with nothing too old", tally.endings["ResyncRequired"])
    yield _none(STORM, "acknowledged writes that are not there", ledger.lost(weather.rows))
    yield _none(STORM, "events that nobody asked for", ledger.unasked(weather.rows))
    yield _none(STORM, "numbers that a stream skips", gaps(weather.rows))
    yield _none(STORM, "processes that ended by themselves", len(tally.surprises))
    yield _at_least(STORM, "deliveries", tally.deliveries, options.deliveries)
    yield _at_least(STORM, "servers killed", tally.kills.total(), options.kills)
    for whom, wanted in (("redis", options.redis), ("postgres", options.postgres)):
        went = sum(count for what, count in tally.faults.items() if what.startswith(whom))
        yield _at_least(STORM, f"restarts of {whom}", went, wanted)
    yield Bar(STORM, "all of it in time", float(weather.is_whole), "1", weather.is_whole)


def _of_between(silences: Silences, options: Options) -> Iterator[Bar]:
    yield from _exact(BETWEEN, silences.difference)
    yield _at_least(BETWEEN, "deaths between commit and poke", len(silences.delays), options.between)
    yield _none(BETWEEN, "deaths elsewhere, or not told of", silences.failures)
    yield _at_most(
        BETWEEN, "the latest event, s", max(silences.delays, default=0), LATEST_EVENT * options.lenience
    )


def _of_herd(stampede: Stampede, options: Options) -> Iterator[Bar]:
    yield from _exact(HERD, stampede.difference)
    yield _at_least(HERD, "clients that came back", len(stampede.resumes), stampede.clients)
    yield _at_most(
        HERD, "the last of them, s", max(stampede.resumes, default=0), LATEST_RESUME * options.lenience
    )
    yield _at_most(
        HERD, "others' wait, p99, s", percentile(stampede.waits, 0.99), LONGEST_WAIT * options.lenience
    )
    yield _none(HERD, "others without an answer", stampede.unanswered.total())
    yield _at_most(HERD, "connections to PostgreSQL", stampede.most_connections, MOST_CONNECTIONS)


def _of_control(weather: Weather, options: Options) -> Iterator[Bar]:
    # The other way round: a harness that finds nothing here is blind.
    missing = weather.difference.missing
    yield Bar(CONTROL, "missing at the naive server", missing, "more than 0", missing > 0)


def _exact(scenario: str, difference: Difference) -> Iterator[Bar]:
    for name, value in asdict(difference).items():
        yield _none(scenario, name, value)


def _none(scenario: str, name: str, value: int) -> Bar:
    return Bar(scenario, name, value, "0", value == 0)


def _at_least(scenario: str, name: str, value: float, promised: float) -> Bar:
    return Bar(scenario, name, value, f"{promised:,} or more", value >= promised)


def _at_most(scenario: str, name: str, value: float, promised: float) -> Bar:
    return Bar(scenario, name, round(value, 3), f"{promised:g} or less", value <= promised)


def _told(result: Weather | Silences | Stampede) -> dict[str, Any]:
    told: dict[str, Any] = {"difference": asdict(result.difference)} | _counts(result.tally)
    match result:
        case Weather():
            told |= {
                "plan": list(result.plan.lines()),
                "events": len(result.rows),
                "acknowledged": result.ledger.writes,
                "unanswered": dict(result.ledger.unanswered),
                "why_unanswered": dict(result.ledger.reasons),
                "catch_up_seconds": round(result.catch_up, 2),
            }
        case Silences():
            told |= {"delays": _spread(result.delays), "failures": result.failures}
        case Stampede():
            told |= {
                "clients": result.clients,
                "resumes": _spread(result.resumes),
                "waits": _spread(result.waits),
                "unanswered": dict(result.unanswered),
                "most_connections": result.most_connections,
            }
    return told


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "seconds": round(tally.second, 1),
        "deliveries": tally.deliveries,
        "kills": dict(tally.kills),
        "faults": dict(tally.faults),
        "endings": dict(tally.endings),
        "reconnections": _spread(tally.resumes),
        "surprises": tally.surprises,
        "marks": [asdict(mark) for mark in tally.marks],
        "deliveries_a_second": [
            tally.a_second[second] for second in range(max(tally.a_second, default=-1) + 1)
        ],
    }


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "count": len(values),
        "p50": round(percentile(values, 0.5), 3),
        "p99": round(percentile(values, 0.99), 3),
        "worst": round(max(values, default=0.0), 3),
    }


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(asked, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout.strip()
