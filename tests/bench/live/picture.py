"""The result at a glance: what a delivery costs each server, how late it is, and what a socket holds that waits."""

from collections.abc import Mapping
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
    Strawberry.name: ("strawberry over Channels, a fifth of the sockets", "#c9ada7"),
}
_GOAL = "#c1121f"
_GREY = "#495057"
_THICK = 0.82
_TITLE: dict[str, Any] = {"fontsize": 10, "loc": "left", "color": _GREY}
#: Where what is promised is drawn.
_PANELS = {
    f"CPU of a delivery ÷ {Limit.name}": "cost",
    "p99 in ms": "late",
    "KiB of an idle socket": "idle",
}


@dataclass(frozen=True)
class _Row:
    """Where the bar of a line stands."""

    line: Line
    y: float
    height: float
    #: What is promised of it, by the panel in which it is drawn.
    promised: Mapping[str, float]

    @property
    def color(self) -> str:
        return _NAMES[self.line.server][1]

    def finish(self, axes: Any, panel: str, value: float, words: str) -> None:
        """Draw what was promised, and behind both what was found."""
        bar = self.promised.get(panel)
        if bar is not None:
            ends = [self.y - self.height / 2, self.y + self.height / 2]
            axes.plot([bar, bar], ends, color=_GOAL, linewidth=2, zorder=3)
        behind = max(value, bar or 0.0)
        axes.annotate(f"  {words}", (behind, self.y), va="center", fontsize=8, color=_GREY)


def draw(path: Path, found: list[Line], kept: list[Promise]) -> None:
    """Writes the picture."""
    # Slow to import, and not needed before the last minute.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    loads = list(dict.fromkeys(line.load for line in found))
    servers = [name for name in _NAMES if any(line.server == name for line in found)]
    rows = _rows(found, kept)
    figure, panels = pyplot.subplots(
        1, 3, figsize=(13.5, 1.9 + 1.25 * len(loads)), sharey=True, gridspec_kw={"width_ratios": (5, 5, 3)}
    )
    cost, late, idle = panels
    _draw_cost(cost, rows)
    _draw_latency(late, rows)
    _draw_idle(idle, [row for row in rows if row.line.load.sockets >= 1_000])
    cost.set_title("Processor time of a delivery, µs\n(server; paler: PostgreSQL for it)", **_TITLE)
    late.set_title("From the commit to the client, ms\n(middle ● and last of a hundred ○)", **_TITLE)
    idle.set_title("A socket that waits, KiB", **_TITLE)
    for axes in panels:
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(left=False, labelsize=8)
        for place in range(1, len(loads)):
            axes.axhline(place - 0.5, color="#e9ecef", linewidth=1, zorder=0)
    labels = [load.title.replace(", ", ",\n").replace(" to ", "\nto ") for load in loads]
    cost.set_yticks(range(len(loads)), labels)
    cost.tick_params(axis="y", labelsize=9)
    cost.invert_yaxis()
    marks: list[Any] = [Rectangle((0, 0), 1, 1, color=_NAMES[server][1]) for server in servers]
    names = [_NAMES[server][0] for server in servers]
    marks.append(Line2D([], [], color=_GOAL, linewidth=2))
    names.append("what Acequia promises")
    figure.suptitle(
        "An event, pushed to everyone who looks", x=0.01, ha="left", fontsize=14, fontweight="bold"
    )
    figure.legend(marks, names, loc="lower center", ncols=len(names), frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.4 / figure.get_figheight(), 1, 1), w_pad=1.5)
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def _rows(found: list[Line], kept: list[Promise]) -> list[_Row]:
    loads = list(dict.fromkeys(line.load for line in found))
    servers = [name for name in _NAMES if any(line.server == name for line in found)]
    height = _THICK / len(servers)
    limits = {line.load.name: line.window.server_us for line in found if line.server == Limit.name}
    promised: dict[str, dict[str, float]] = {load.name: {} for load in loads}
    for promise in kept:
        if promise.words in _PANELS:
            # One is a multiple of the limit, the others are as they stand.
            times = limits.get(promise.load, 0.0) if _PANELS[promise.words] == "cost" else 1.0
            promised[promise.load][_PANELS[promise.words]] = promise.bar * times
    return [
        _Row(
            line,
            loads.index(line.load) - _THICK / 2 + height * (servers.index(line.server) + 0.5),
            height,
            promised[line.load.name] if line.server == Acequia.name else {},
        )
        for line in found
    ]


def _draw_cost(axes: Any, rows: list[_Row]) -> None:
    for row in rows:
        window, thick = row.line.window, row.height * 0.9
        axes.barh(row.y, window.server_us, thick, color=row.color)
        if window.database_us:
            axes.barh(row.y, window.database_us, thick, left=window.server_us, color=row.color, alpha=0.35)
        ratio = (
            f"   {row.line.of_limit:.1f} × limit"
            if row.line.server != Limit.name and row.line.of_limit
            else ""
        )
        row.finish(axes, "cost", window.cpu_us, f"{window.cpu_us:,.0f}{ratio}")
    _on_a_long_scale(axes, [row.line.window.cpu_us for row in rows], room=6)


def _draw_latency(axes: Any, rows: list[_Row]) -> None:
    for row in rows:
        window = row.line.window
        axes.plot([window.p50_ms, window.p99_ms], [row.y] * 2, color=row.color, linewidth=2.5, alpha=0.5)
        axes.plot([window.p50_ms], [row.y], "o", color=row.color, markersize=6)
        axes.plot([window.p99_ms], [row.y], "o", color=row.color, markersize=6, markerfacecolor="white")
        pace = "" if row.line.load.rate else f"   {window.deliveries_a_second:,.0f}/s"
        lost = f"   {window.lost:,.0f} lost" if window.lost else ""
        row.finish(axes, "late", window.p99_ms, f" {window.p99_ms:,.0f}{pace}{lost}")
    figures = [each for row in rows for each in (row.line.window.p50_ms, row.line.window.p99_ms)]
    _on_a_long_scale(axes, figures, room=20)


def _draw_idle(axes: Any, rows: list[_Row]) -> None:
    for row in rows:
        idle = max(0.0, row.line.window.idle_kib)
        axes.barh(row.y, idle, row.height * 0.9, color=row.color)
        row.finish(axes, "idle", idle, f"{idle:.0f}")
    axes.set_xlim(0, 1.2 * max((row.line.window.idle_kib for row in rows), default=1.0))


def _on_a_long_scale(axes: Any, figures: list[float], room: float) -> None:
    figures = [figure for figure in figures if figure > 0] or [1.0]
    axes.set_xscale("log")
    axes.set_xlim(0.6 * min(figures), room * max(figures))
    ticks = [10**power for power in range(-1, 7)]
    axes.set_xticks(ticks, [f"{tick:,g}" for tick in ticks])
    axes.set_xlim(0.6 * min(figures), room * max(figures))
    axes.minorticks_off()
