"""The open-data list at a glance: what one costs whom, and what others notice of hostile filters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_NAMES = {
    "open data": ("Acequia, kept a minute", "#0b6e99"),
    "made anew": ("Acequia, made anew", "#6fb1cd"),
    "postgraphile": ("PostGraphile 4", "#e09f3e"),
    "rest": ("Goteo's REST, by hand", "#b0b7bd"),
}


def draw(path: Path, told: Mapping[str, Any]) -> None:
    """Writes the picture."""
    # Slow to import, and not needed before the last minute.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (cost, notice) = pyplot.subplots(1, 2, figsize=(12, 3.6), width_ratios=(3, 2))
    servers = [name for name in _NAMES if name in told["servers"]]
    for place, name in enumerate(servers):
        window = told["servers"][name]
        cost.barh(place, window["cpu_ms"], 0.7, color=_NAMES[name][1])
        said = f" {window['cpu_ms']:.2f} ms, {window['requests_a_second']:,.0f} a second"
        cost.annotate(said, (window["cpu_ms"], place), va="center", fontsize=9)
    cost.set_yticks(range(len(servers)), [_NAMES[name][0] for name in servers])
    cost.invert_yaxis()
    cost.set_xlim(0, 1.5 * max(told["servers"][name]["cpu_ms"] for name in servers))
    cost.set_title(f"A page of {told['first']} projects: processor time, server and PostgreSQL", fontsize=10)
    rounds = told["beside_hostile_filters"]["rounds"]
    for place, (name, colour, label) in enumerate(
        (
            ("quiet", "#b0b7bd", "alone"),
            ("attacked", "#0b6e99", "beside four loops of hostile filters"),
        )
    ):
        heights = [each[name]["p99_ms"] for each in rounds]
        notice.bar([at + 0.4 * place for at in range(len(rounds))], heights, 0.38, color=colour, label=label)
    notice.set_xticks([at + 0.2 for at in range(len(rounds))], [str(at + 1) for at in range(len(rounds))])
    ratio = told["beside_hostile_filters"]["p99_ratio"]
    notice.set_title(f"Members' project pages, p99 in ms (× {ratio:.2f})", fontsize=10)
    notice.set_ylim(0, 1.3 * max(each[name]["p99_ms"] for each in rounds for name in each))
    notice.legend(loc="upper left", frameon=False, fontsize=8)
    for axes in (cost, notice):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
