"""What was measured, as a table for people and as JSON for whoever compares two runs."""

import json
import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.machine import QUIET, provenance
from tests.bench.read.load import Window, median
from tests.bench.read.queries import QUERIES, Query
from tests.bench.read.servers import Acequia, Limit, Plain, Postgraphile

#: The windows of each round, by query and server.
Measured = Mapping[str, Mapping[str, list[Window]]]
_HEAD = (
    "",
    "req/s",
    "÷ limit",
    "÷ peer",
    "÷ plain",
    "CPU ms",
    "server",
    "PG",
    "× limit",
    "p50 ms",
    "p99 ms",
    "KB",
)


@dataclass(frozen=True)
class Line:
    """One server on one query: medians, and medians of the ratios of each round."""

    query: Query
    server: str
    window: Window
    of_limit: float | None
    of_peer: float | None
    of_plain: float | None
    cpu_of_limit: float | None

    def misses(self) -> list[str]:
        """What the project promises of this query and did not keep; only of the project itself."""
        if self.server != Acequia.name:
            return []
        found = []
        if self.of_limit is not None and self.of_limit < self.query.of_limit:
            found.append(f"req/s ÷ limit {self.of_limit:.2f}, promised {self.query.of_limit:.2f} or more")
        if self.of_peer is not None and self.of_peer < self.query.of_peer:
            found.append(
                f"req/s ÷ PostGraphile {self.of_peer:.2f}, promised {self.query.of_peer:.1f} or more"
            )
        if self.of_plain is not None and self.of_plain < self.query.of_plain:
            found.append(
                f"req/s ÷ plain resolvers {self.of_plain:.1f}, promised {self.query.of_plain:.0f} or more"
            )
        return found


def lines(measured: Measured) -> list[Line]:
    """Every server on every query."""
    found = []
    for name, by_server in measured.items():
        for server, windows in by_server.items():
            limit, peer, plain = (by_server.get(each.name) for each in (Limit, Postgraphile, Plain))
            found.append(
                Line(
                    query=QUERIES[name],
                    server=server,
                    window=median(windows),
                    of_limit=_ratio(windows, limit, "requests_a_second"),
                    of_peer=_ratio(windows, peer, "requests_a_second"),
                    of_plain=_ratio(windows, plain, "requests_a_second"),
                    cpu_of_limit=_ratio(windows, limit, "cpu_ms"),
                )
            )
    return found


def print_table(found: list[Line]) -> None:
    """The table, and under it each promise that was not kept."""
    for query in dict.fromkeys(line.query for line in found):
        print(f"\n{query.name}\n  {_HEAD[0]:13}" + "".join(f"{name:>9}" for name in _HEAD[1:]))
        for line in (line for line in found if line.query == query):
            window = line.window
            figures = (
                f"{window.requests_a_second:,.0f}",
                _shown(line.of_limit),
                _shown(line.of_peer),
                _shown(line.of_plain),
                f"{window.cpu_ms:.2f}",
                f"{window.server_ms:.2f}",
                f"{window.database_ms:.2f}",
                _shown(line.cpu_of_limit),
                f"{window.p50_ms:.1f}",
                f"{window.p99_ms:.1f}",
                f"{window.bytes_a_request / 1024:.1f}",
            )
            print(f"  {line.server:13}" + "".join(f"{figure:>9}" for figure in figures))
    print()
    for line in found:
        for miss in line.misses():
            print(f"NOT KEPT  {line.query.name}: {miss}")
    busy = max((line.window.elsewhere for line in found), default=0.0)
    if busy > QUIET:
        print(f"The machine was not quiet: others had up to {busy:.0%} of it. Trust the CPU, not the req/s.")


def write_json(path: Path, found: list[Line], measured: Measured, settings: dict[str, Any]) -> None:
    """Everything, with each round's windows."""
    content = {
        **provenance(),
        "settings": settings,
        "queries": {
            query.name: {
                "promised": {
                    "of_limit": query.of_limit,
                    "of_postgraphile": query.of_peer,
                    "of_plain": query.of_plain,
                },
                "servers": {
                    line.server: asdict(line.window)
                    | {
                        "of_limit": line.of_limit,
                        "of_postgraphile": line.of_peer,
                        "of_plain": line.of_plain,
                        "cpu_of_limit": line.cpu_of_limit,
                        "rounds": [asdict(window) for window in measured[query.name][line.server]],
                    }
                    for line in found
                    if line.query == query
                },
            }
            for query in dict.fromkeys(line.query for line in found)
        },
    }
    path.write_text(json.dumps(content, indent=1) + "\n")


def _ratio(windows: list[Window], anchor: list[Window] | None, figure: str) -> float | None:
    # Round by round: the machine drifts, and takes both along.
    if not anchor:
        return None
    pairs = zip(windows, anchor, strict=True)
    return statistics.median(getattr(window, figure) / getattr(other, figure) for window, other in pairs)


def _shown(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"
