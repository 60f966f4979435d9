"""What was measured, as a table for people and as JSON for whoever compares two runs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.machine import QUIET, provenance

#: Promised: of 99 of 100 documents, of each, of the process; and of honest requests, as a multiple.
P99_MS, MOST_MS, MEGABYTES, RATIO = 10.0, 25.0, 20.0, 2.0


def share(milliseconds: list[float], part: float) -> float:
    """The value below which so large a part of them is."""
    ordered = sorted(milliseconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def summary(found: Mapping[str, Any]) -> dict[str, float]:
    """The figures of one way of deciding."""
    times = found["milliseconds"]
    return {
        "documents": len(times),
        "p50_ms": share(times, 0.5),
        "p99_ms": share(times, 0.99),
        "most_ms": max(times),
        "grown_megabytes": found["grown_megabytes"],
    }


def misses(ours: Mapping[str, float], served: Mapping[str, Any] | None) -> list[str]:
    """What the project promises and did not keep."""
    found = []
    if ours["p99_ms"] > P99_MS:
        found.append(f"99 of 100 documents took up to {ours['p99_ms']:.1f} ms, promised {P99_MS:.0f}")
    if ours["most_ms"] > MOST_MS:
        found.append(f"a document took {ours['most_ms']:.1f} ms, promised {MOST_MS:.0f}")
    if ours["grown_megabytes"] > MEGABYTES:
        found.append(f"the process grew by {ours['grown_megabytes']:.0f} MB, promised {MEGABYTES:.0f}")
    if served and served["p99_ratio"] > RATIO:
        found.append(f"honest p99 is {served['p99_ratio']:.2f} times the quiet one, promised {RATIO:.0f}")
    if served and served["failed"]:
        found.append(f"{served['failed']} honest requests failed")
    return found


def print_table(
    all_documents: Mapping[str, float],
    sample: Mapping[str, Mapping[str, float]],
    served: Mapping[str, Any] | None,
    elsewhere: float,
) -> None:
    """The table, and under it each promise that was not kept."""
    print(f"\n{'':28}{'documents':>10}{'p50 ms':>9}{'p99 ms':>9}{'most ms':>9}{'+ MB':>7}")
    lines = {"acequia": all_documents} | {f"{name}, a part": each for name, each in sample.items()}
    for name, each in lines.items():
        print(
            f"  {name:26}{each['documents']:>10,.0f}{each['p50_ms']:>9.2f}{each['p99_ms']:>9.2f}"
            f"{each['most_ms']:>9.1f}{each['grown_megabytes']:>7.1f}"
        )
    if served:
        print(
            f"\n  honest requests beside hostile loops: p50 × {served['p50_ratio']:.2f}, p99 × {served['p99_ratio']:.2f}"
        )
    print()
    for miss in misses(all_documents, served):
        print(f"NOT KEPT  {miss}")
    if elsewhere > QUIET:
        print(f"The machine was not quiet: others had {elsewhere:.0%} of it.")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Everything."""
    path.write_text(json.dumps({**provenance(), **content}, indent=1) + "\n")
