"""The result at a glance: how near to the limit each server comes, and what a request costs it."""

from pathlib import Path

from tests.bench.read.report import Line
from tests.bench.read.servers import Acequia, Limit, Plain, Postgraphile

_NAMES = {
    Acequia.name: ("Acequia", "#0b6e99"),
    Postgraphile.name: ("PostGraphile 4", "#e09f3e"),
    Plain.name: ("plain resolvers, a query a row", "#b0b7bd"),
}
_GOAL = "#c1121f"
_THICK = 0.8


def draw(path: Path, found: list[Line]) -> None:
    """Writes the picture; nothing when the limit was not measured, of which everything in it is a share."""
    if not any(line.server == Limit.name for line in found):
        return
    # Slow to import, and not needed before the last minute.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    queries = list(dict.fromkeys(line.query for line in found))
    servers = [name for name in _NAMES if any(line.server == name for line in found)]
    at = {(line.query.name, line.server): line for line in found}
    figure, (speed, cost) = pyplot.subplots(1, 2, figsize=(12, 1.6 + 0.9 * len(queries)), sharey=True)
    height = _THICK / max(1, len(servers))
    for place, query in enumerate(queries):
        for row, server in enumerate(servers):
            line = at.get((query.name, server))
            if line is None or line.of_limit is None or line.cpu_of_limit is None:
                continue
            y = place - _THICK / 2 + height * (row + 0.5)
            for axes, value, unit in ((speed, line.of_limit, ""), (cost, line.cpu_of_limit, "×")):
                axes.barh(y, value, height * 0.92, color=_NAMES[server][1])
                axes.annotate(f" {value:.2f}{unit}", (value, y), va="center", fontsize=8)
        ends = place - _THICK / 2, place + _THICK / 2
        speed.plot([query.of_limit] * 2, ends, color=_GOAL, linewidth=2)
    for axes in (speed, cost):
        axes.axvline(1, color="#333333", linewidth=1, linestyle=":")
        axes.spines[["top", "right"]].set_visible(False)
    speed.set_title("Requests a second, as a share of the limit\n(longer is better)", fontsize=10)
    cost.set_title("Processor time of a request, × the limit's\n(shorter is better)", fontsize=10)
    speed.set_xlim(0, max(1.15, *(1.1 * (line.of_limit or 0) for line in found)))
    cost.set_xscale("log")
    cost.set_xlim(0.5, 2 * max(2.0, *((line.cpu_of_limit or 0) for line in found)))
    ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50) if tick < cost.get_xlim()[1]]
    cost.set_xticks(ticks, [f"{tick:g}×" for tick in ticks])
    cost.minorticks_off()
    limits = [at[query.name, Limit.name].window.requests_a_second for query in queries]
    labels = [
        f"{query.name.replace('_', ' ')}\nlimit {rate:,.0f}/s"
        for query, rate in zip(queries, limits, strict=True)
    ]
    speed.set_yticks(range(len(queries)), labels)
    speed.invert_yaxis()
    marks = [pyplot.Rectangle((0, 0), 1, 1, color=_NAMES[server][1]) for server in servers]
    lines = [
        pyplot.Line2D([], [], color=_GOAL, linewidth=2),
        pyplot.Line2D([], [], color="#333333", linestyle=":"),
    ]
    names = [
        *(_NAMES[server][0] for server in servers),
        "what Acequia promises",
        "the limit: hand-written SQL",
    ]
    figure.legend([*marks, *lines], names, loc="lower center", ncols=len(names), frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.4 / figure.get_figheight(), 1, 1))
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
