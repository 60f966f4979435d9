"""What was measured, as a table for people and as JSON for whoever compares two runs."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.live.servers import Acequia, AcequiaViewer, GraphqlWs, Limit, Strawberry
from tests.bench.live.statements import SOCKETS
from tests.bench.live.windows import LOADS, Load, Window, median
from tests.bench.machine import QUIET, provenance

#: The windows of each round, by load and server.
Measured = Mapping[str, Mapping[str, Sequence[Window]]]
_HEAD = (
    "sockets",
    "µs",
    "PG µs",
    "× limit",
    "× g-ws",
    "× straw",
    "p50 ms",
    "p99 ms",
    "/s",
    "KiB",
    "bytes",
    "lost",
    "wrong",
)


@dataclass(frozen=True)
class Line:
    """One server under one load: medians, and medians of the ratios of each round's server times."""

    load: Load
    server: str
    window: Window
    of_limit: float | None
    of_graphql_ws: float | None
    of_strawberry: float | None


@dataclass(frozen=True)
class Promise:
    """One thing that the project promises of one load; `found` is None where it was not measured."""

    load: str
    words: str
    found: float | None
    bar: float
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """Whether it was kept."""
        if self.found is None:
            return "not measured"
        return "kept" if (self.found >= self.bar if self.at_least else self.found <= self.bar) else "NOT KEPT"


def lines(measured: Measured) -> list[Line]:
    """Every server under every load."""
    return [
        Line(
            load=LOADS[name],
            server=server,
            window=median(list(windows)),
            of_limit=_ratio(windows, by_server.get(Limit.name), _server_us),
            of_graphql_ws=_ratio(windows, by_server.get(GraphqlWs.name), _server_us),
            of_strawberry=_ratio(windows, by_server.get(Strawberry.name), _server_us),
        )
        for name, by_server in measured.items()
        for server, windows in by_server.items()
    ]


def promises(measured: Measured) -> list[Promise]:
    """What is promised of the loads that were measured, and how it came out."""
    found: list[Promise] = []
    for name, by_server in measured.items():
        mine, own = by_server.get(Acequia.name), by_server.get(AcequiaViewer.name)
        if name != "burst":
            for other, bar in ((Limit.name, 1.5), (GraphqlWs.name, 0.6), (Strawberry.name, 0.12)):
                ratio = _ratio(mine, by_server.get(other), _server_us)
                found.append(Promise(name, f"CPU of a delivery ÷ {other}", ratio, bar))
            ratio = _ratio(own, by_server.get(GraphqlWs.name), lambda window: window.cpu_us)
            found.append(Promise(name, f"CPU with PostgreSQL, viewer's own ÷ {GraphqlWs.name}", ratio, 2.0))
        else:
            ratio = _ratio(mine, by_server.get(GraphqlWs.name), lambda window: window.deliveries_a_second)
            found.append(Promise(name, f"deliveries a second ÷ {GraphqlWs.name}", ratio, 1.5, at_least=True))
        if name == "thousand":
            found.append(Promise(name, "p99 in ms", _middle(mine, lambda window: window.p99_ms), 100.0))
        if name in ("thousand", "five_thousand"):
            found.append(
                Promise(name, "KiB of an idle socket", _middle(mine, lambda window: window.idle_kib), 30.0)
            )
        for server, windows in ((Acequia.name, mine), (AcequiaViewer.name, own)):
            amiss = sum(window.lost + window.wrong for window in windows) if windows else None
            found.append(Promise(name, f"lost or wrong, {server}", amiss, 0))
    return found


def print_table(found: list[Line], kept: list[Promise], statements: Mapping[str, float]) -> None:
    """The table, the statements of an event, and each promise beside what was found."""
    for load in dict.fromkeys(line.load for line in found):
        print(f"\n{load.title}\n  {'':16}" + "".join(f"{name:>9}" for name in _HEAD))
        for line in (line for line in found if line.load == load):
            window = line.window
            figures = (
                f"{window.sockets:,.0f}",
                f"{window.server_us:,.1f}",
                f"{window.database_us:,.1f}",
                *map(_shown, (line.of_limit, line.of_graphql_ws, line.of_strawberry)),
                f"{window.p50_ms:,.1f}",
                f"{window.p99_ms:,.1f}",
                f"{window.deliveries_a_second:,.0f}",
                # Of a few sockets it is what the server happened to need anyway.
                _shown(window.idle_kib if window.sockets >= 200 else None),
                f"{window.bytes_a_delivery:.0f}",
                f"{window.lost:.0f}",
                f"{window.wrong:.0f}",
            )
            print(f"  {line.server:16}" + "".join(f"{figure:>9}" for figure in figures))
    for server, count in statements.items():
        print(
            f"\n{server}: {count:.1f} statements an event to {SOCKETS} people, all that the process asks meanwhile"
        )
    print()
    for promise in kept:
        sign = "≥" if promise.at_least else "≤"
        shown = f"{_shown(promise.found):>9} {sign} {promise.bar:g}"
        print(f"{promise.verdict:13}{promise.load:14}{promise.words:48}{shown}")
    busy = max((line.window.elsewhere for line in found), default=0.0)
    if busy > QUIET:
        print(
            f"The machine was not quiet: others had up to {busy:.0%} of it. Trust the CPU, not the latency."
        )


def write_json(
    path: Path,
    found: list[Line],
    kept: list[Promise],
    measured: Measured,
    more: Mapping[str, Any],
) -> None:
    """Everything, with each round's windows."""
    content = {
        **provenance(),
        **more,
        "promises": [asdict(promise) | {"verdict": promise.verdict} for promise in kept],
        "loads": {
            load.name: {
                "title": load.title,
                "events": load.events,
                "rate": load.rate,
                "servers": {
                    line.server: asdict(line.window)
                    | {
                        "of_limit": line.of_limit,
                        "of_graphql_ws": line.of_graphql_ws,
                        "of_strawberry": line.of_strawberry,
                        "rounds": [asdict(window) for window in measured[load.name][line.server]],
                    }
                    for line in found
                    if line.load == load
                },
            }
            for load in dict.fromkeys(line.load for line in found)
        },
    }
    path.write_text(json.dumps(content, indent=1) + "\n")


def _server_us(window: Window) -> float:
    return window.server_us


def _ratio(
    windows: Sequence[Window] | None, anchor: Sequence[Window] | None, figure: Callable[[Window], float]
) -> float | None:
    # Round by round: the machine drifts, and takes both along.
    if not windows or not anchor:
        return None
    pairs = zip(windows, anchor, strict=True)
    return statistics.median(figure(window) / max(figure(other), 1e-9) for window, other in pairs)


def _middle(windows: Sequence[Window] | None, figure: Callable[[Window], float]) -> float | None:
    return statistics.median(map(figure, windows)) if windows else None


def _shown(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"
