"""The result at a glance: how long documents take to decide on, and what honest people notice."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.guard.report import MOST_MS, P99_MS

_COLOURS = {"acequia": "#0b6e99", "strawberry": "#e09f3e", "counted out": "#b0b7bd"}
_NAMES = {
    "acequia": "Acequia",
    "strawberry": "strawberry's depth and alias limiters",
    "counted out": "fields counted spread by spread",
}
_GOAL = "#c1121f"


def draw(path: Path, sample: Mapping[str, list[float]], served: Mapping[str, Any] | None) -> None:
    """Writes the picture: of the documents that all were asked, and of the windows of the server."""
    # Slow to import, and not needed before the last minute.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (times, pages) = pyplot.subplots(1, 2, figsize=(12, 4.5), width_ratios=(3, 2))
    for name, milliseconds in sample.items():
        ordered = sorted(milliseconds)
        shares = [100 * (number + 1) / len(ordered) for number in range(len(ordered))]
        times.plot(ordered, shares, color=_COLOURS[name], label=_NAMES[name], linewidth=2)
    for limit, text in ((P99_MS, "99 of 100"), (MOST_MS, "each")):
        times.axvline(limit, color=_GOAL, linewidth=1, linestyle=":")
        times.annotate(
            f"{text}: {limit:.0f} ms", (limit, 40), rotation=90, fontsize=8, color=_GOAL, ha="right"
        )
    times.set_xscale("log")
    times.set_ylim(0, 100.5)
    times.set_title(
        "Hostile documents decided on within … ms of processor\n(given up after a second)",
        fontsize=10,
    )
    times.set_ylabel("% of documents")
    times.legend(loc="lower right", frameon=False, fontsize=9)
    if served:
        rounds = served["rounds"]
        for place, (name, colour) in enumerate((("quiet", "#b0b7bd"), ("attacked", "#0b6e99"))):
            heights = [each[name]["p99_ms"] for each in rounds]
            label = "alone" if name == "quiet" else "beside four loops of hostile documents"
            pages.bar(
                [at + 0.4 * place for at in range(len(rounds))], heights, 0.38, color=colour, label=label
            )
        pages.set_xticks([at + 0.2 for at in range(len(rounds))], [str(at + 1) for at in range(len(rounds))])
        pages.set_title(f"Honest project pages, p99 in ms (× {served['p99_ratio']:.2f})", fontsize=10)
        pages.set_ylim(0, 1.25 * max(each[name]["p99_ms"] for each in rounds for name in each))
        pages.legend(loc="upper left", frameon=False, fontsize=8)
    for axes in (times, pages):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
