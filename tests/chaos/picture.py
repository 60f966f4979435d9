"""A storm at a glance: what was delivered in each second, and what went wrong meanwhile."""

from pathlib import Path

from tests.chaos.comparing import Difference
from tests.chaos.tally import Tally

_DELIVERED = "#0b6e99"
_FAULTS = {
    "kill": ("a server killed", "#c1121f", "-"),
    "redis": ("Redis away", "#e09f3e", "--"),
    "postgres": ("PostgreSQL away", "#6a4c93", "--"),
    "reader": ("a client stops reading", "#b0b7bd", ":"),
}


def draw(path: Path, tally: Tally, difference: Difference) -> None:
    """Writes the picture."""
    # Slow to import, and not needed before the last second.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    seconds = range(max(tally.a_second, default=0) + 1)
    figure, axes = pyplot.subplots(figsize=(12, 4.2))
    axes.fill_between(
        seconds, [tally.a_second[second] for second in seconds], step="post", color=_DELIVERED, alpha=0.85
    )
    for mark in tally.marks:
        _, color, style = _FAULTS[mark.kind]
        axes.axvline(mark.second, color=color, linestyle=style, linewidth=1.1)
    handles: list[Patch | Line2D] = [Patch(color=_DELIVERED)]
    names = ["events delivered a second, to all clients"]
    for kind, (name, color, style) in _FAULTS.items():
        if count := sum(mark.kind == kind for mark in tally.marks):
            handles.append(Line2D([], [], color=color, linestyle=style))
            names.append(f"{name} ({count})")
    axes.set_xlim(0, len(seconds))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("seconds")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(
        f"{tally.deliveries:,} deliveries: {difference.missing} missing, {difference.repeated} repeated,"
        f" {difference.reordered} reordered",
        fontsize=11,
    )
    figure.legend(handles, names, loc="lower center", ncols=len(names), frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.08, 1, 1))
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
