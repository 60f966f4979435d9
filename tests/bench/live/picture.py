"""The result at a glance: what a delivery costs each server, how late it is, and what a socket holds that waits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.live.report import Line, Promise
from tests.bench.live.servers import Acequia, AcequiaViewer, GraphqlWs, Limit, Strawberry

_NAMES = {
    Limit.name: ("ready bytes, the limit", "#6c757d"),
    Acequia.name: ("Acequia", "#0b6e99"),
    AcequiaViewer.name: ("Acequia, each viewer's own answer", "#5fb3d4"),
    GraphqlWs.name: ("graphql-ws (Node)", "#e09f3e"),
    Strawberry.name: ("strawberry over Channels", "#c9ada7"),
}
_GOAL = "#c1121f"
_GREY = "#495057"
_THICK = 0.82


@dataclass(frozen=True)
class _Row:
    """Where the bar of a line stands."""

    line: Line
    y: float
    height: float

    @property
    def color(self) -> str:
        return _NAMES[self.line.server][1]


def draw(path: Path, found: list[Line], kept: list[Promise]) -> None:
    """Writes the picture."""
    # Slow to import, and not needed before the last minute.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    loads = list(dict.fromkeys(line.load for line in found))
    servers = [name for name in _NAMES if any(line.server == name for line in found)]
    height = _THICK / len(servers)
    rows = [
        _Row(line, loads.index(line.load) - _THICK / 2 + height * (servers.index(line.server) + 0.5), height)
        for line in found
    ]
    figure, (cost, late, idle) = pyplot.subplots(
        1, 3, figsize=(13.5, 1.9 + 1.25 * len(loads)), sharey=True, gridspec_kw={"width_ratios": (5, 5, 3)}
    )
    _draw_cost(cost, rows)
    _draw_latency(late, rows)
    _draw_idle(idle, [row for row in rows if row.line.load.sockets >= 1_000])
    for axes, title in (
        (cost, "Processor time of a delivery, µs\n(server; paler: PostgreSQL for it)"),
        (late, "From the commit to the client, ms\n(middle ● and last of a hundred ○)"),
        (idle, "A socket that waits, KiB"),
    ):
        axes.set_title(title, fontsize=10, loc="left", color=_GREY)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(left=False, labelsize=8)
        for place in range(1, len(loads)):
            axes.axhline(place - 0.5, color="#e9ecef", linewidth=1, zorder=0)
    _draw_promises(kept, {"cost": cost, "late": late, "idle": idle}, rows)
    cost.set_yticks(range(len(loads)), [load.title.replace(", ", ",\n").replace(" to ", "\nto ") for load in loads])
    cost.tick_params(axis="y", labelsize=9)
    cost.invert_yaxis()
    marks: list[Any] = [pyplot.Rectangle((0, 0), 1, 1, color=_NAMES[server][1]) for server in servers]
    names = [_NAMES[server][0] for server in servers]
    marks.append(pyplot.Line2D([], [], color=_GOAL, linewidth=2))
    names.append("what Acequia promises")
    figure.suptitle("An event, pushed to everyone who looks", x=0.01, ha="left", fontsize=14, fontweight="bold")
    figure.legend(marks, names, loc="lower center", ncols=len(names), frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.4 / figure.get_figheight(), 1, 1))
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def _draw_cost(axes: Any, rows: list[_Row]) -> None:
    for row in rows:
        window = row.line.window
        axes.barh(row.y, window.server_us, row.height * 0.9, color=row.color)
        if window.database_us:
            axes.barh(
                row.y, window.database_us, row.height * 0.9, left=window.server_us, color=row.color, alpha=0.35
            )
        ratio = f"  {row.line.of_limit:.1f} × limit" if row.line.of_limit and row.line.of_limit != 1 else ""
        words = f" {window.cpu_us:,.0f}{ratio}"
        axes.annotate(words, (window.cpu_us, row.y), va="center", fontsize=8, color=_GREY)
    _on_a_long_scale(axes, [row.line.window.cpu_us for row in rows], room=4)


def _draw_latency(axes: Any, rows: list[_Row]) -> None:
    for row in rows:
        window = row.line.window
        axes.plot([window.p50_ms, window.p99_ms], [row.y] * 2, color=row.color, linewidth=2.5, alpha=0.5)
        axes.plot([window.p50_ms], [row.y], "o", color=row.color, markersize=6)
        axes.plot([window.p99_ms], [row.y], "o", color=row.color, markersize=6, markerfacecolor="white")
        pace = "" if row.line.load.rate else f"   {window.deliveries_a_second:,.0f} a second"
        lost = f"   {window.lost:,.0f} lost" if window.lost else ""
        words = f"  {window.p99_ms:,.0f}{pace}{lost}"
        axes.annotate(words, (window.p99_ms, row.y), va="center", fontsize=8, color=_GREY)
    _on_a_long_scale(axes, [figure for row in rows for figure in (row.line.window.p50_ms, row.line.window.p99_ms)], 6)


def _draw_idle(axes: Any, rows: list[_Row]) -> None:
    for row in rows:
        idle = max(0.0, row.line.window.idle_kib)
        axes.barh(row.y, idle, row.height * 0.9, color=row.color)
        axes.annotate(f" {idle:.0f}", (idle, row.y), va="center", fontsize=8, color=_GREY)
    axes.set_xlim(0, 1.2 * max((row.line.window.idle_kib for row in rows), default=1))


def _draw_promises(kept: list[Promise], axes: dict[str, Any], rows: list[_Row]) -> None:
    limits = {row.line.load.name: row.line.window.server_us for row in rows if row.line.server == Limit.name}
    places: dict[str, tuple[str, Callable[[Promise], float | None]]] = {
        f"CPU of a delivery ÷ {Limit.name}": ("cost", lambda promise: _of(limits.get(promise.load), promise.bar)),
        "p99 in ms": ("late", lambda promise: promise.bar),
        "KiB of an idle socket": ("idle", lambda promise: promise.bar),
    }
    for promise in kept:
        panel, place = places.get(promise.words, ("", lambda promise: None))
        mine = [row for row in rows if row.line.load.name == promise.load and row.line.server == Acequia.name]
        if mine and (x := place(promise)) is not None:
            ends = [mine[0].y - mine[0].height / 2, mine[0].y + mine[0].height / 2]
            axes[panel].plot([x, x], ends, color=_GOAL, linewidth=2, zorder=3)


def _of(limit: float | None, times: float) -> float | None:
    return None if limit is None else limit * times


def _on_a_long_scale(axes: Any, figures: list[float], room: float) -> None:
    figures = [figure for figure in figures if figure > 0] or [1.0]
    axes.set_xscale("log")
    axes.set_xlim(0.6 * min(figures), room * max(figures))
    ticks = [base * 10**power for power in range(-1, 6) for base in (1, 3)]
    ticks = [tick for tick in ticks if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]]
    axes.set_xticks(ticks, [f"{tick:,g}" for tick in ticks])
    axes.minorticks_off()
