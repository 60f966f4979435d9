"""The result at a glance: how much of what was promised it took, and how large the files are."""

from collections.abc import Mapping
from pathlib import Path

from tests.bench.datasets.publishing import Publication
from tests.bench.datasets.report import FORMATS, MEGABYTES, SECONDS

_COLOURS = {"csv": "#e09f3e", "jsonl": "#b0b7bd", "parquet": "#0b6e99"}
_NAMES = {"csv": "CSV", "jsonl": "JSON Lines", "parquet": "Parquet"}
_GOAL = "#c1121f"


def draw(path: Path, found: Publication, tables: Mapping[str, Mapping[str, int]]) -> None:
    """Writes the picture."""
    # Slow to import, and not needed before the last minute.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = sum(table["rows"] for table in tables.values())
    figure, (time, memory, sizes) = pyplot.subplots(1, 3, figsize=(12, 3.6), width_ratios=(1, 1, 2))
    for axes, value, goal, unit in (
        (time, found.seconds, SECONDS, "s"),
        (memory, found.megabytes, MEGABYTES, "MB"),
    ):
        axes.bar([0], [value], 0.5, color="#0b6e99")
        axes.annotate(
            f"{value:.0f} {unit}", (0, value / 2), ha="center", va="center", color="white", fontsize=13
        )
        axes.axhline(goal, color=_GOAL, linewidth=2)
        axes.annotate(
            f"promised: {goal:.0f} {unit}", (0.48, goal), ha="right", va="bottom", color=_GOAL, fontsize=9
        )
        axes.set_xlim(-0.5, 0.5)
        axes.set_ylim(0, 1.15 * max(goal, value))
        axes.set_xticks([])
    time.set_title(f"{rows:,} rows published\nin three formats, seconds", fontsize=10)
    memory.set_title("the most memory\nof the process, MB", fontsize=10)
    large = [name for name, table in tables.items() if table["rows"] > rows / 1000]
    for place, ending in enumerate(FORMATS):
        heights = [tables[name][f"{ending}_bytes"] / 2**20 for name in large]
        at = [number + 0.27 * (place - 1) for number in range(len(large))]
        sizes.bar(at, heights, 0.25, color=_COLOURS[ending], label=_NAMES[ending])
        for x, height in zip(at, heights, strict=True):
            sizes.annotate(f"{height:.1f}", (x, height), ha="center", va="bottom", fontsize=8)
    sizes.set_xticks(range(len(large)), [f"{name}\n{tables[name]['rows']:,} rows" for name in large])
    sizes.set_title("size of the files, MB", fontsize=10)
    sizes.legend(frameon=False, fontsize=9)
    for axes in (time, memory, sizes):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
