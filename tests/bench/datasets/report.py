"""What was measured, as a table for people and as JSON for whoever compares two runs."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.datasets.publishing import Publication
from tests.bench.machine import QUIET, provenance

#: Promised of 400,000 rows.
SECONDS, MEGABYTES = 60.0, 200.0
FORMATS = ("csv", "jsonl", "parquet")


def median(publications: Sequence[Publication]) -> Publication:
    """Of each figure the median, of memory the most."""
    figures = [asdict(each) for each in publications]
    middle = {name: statistics.median(each[name] for each in figures) for name in figures[0]}
    return Publication(**middle | {"megabytes": max(each["megabytes"] for each in figures)})


def misses(found: Publication, tables: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What the project promises and did not keep."""
    said = []
    if found.seconds > SECONDS:
        said.append(f"it took {found.seconds:.1f} s, promised {SECONDS:.0f}")
    if found.megabytes > MEGABYTES:
        said.append(f"it held {found.megabytes:.0f} MB, promised {MEGABYTES:.0f}")
    for name, table in tables.items():
        said += [
            f"{name}: a reader of {ending} found {table[f'{ending}_rows']:,} rows of {table['rows']:,}"
            for ending in FORMATS
            if table["rows"] and table[f"{ending}_rows"] != table["rows"]
        ]
    return said


def print_table(found: Publication, tables: Mapping[str, Mapping[str, int]], elsewhere: float) -> None:
    """The table, and under it each promise that was not kept."""
    print(f"\n{'':16}{'rows':>10}" + "".join(f"{ending + ' MB':>12}" for ending in FORMATS))
    for name, table in tables.items():
        sizes = "".join(f"{table[f'{ending}_bytes'] / 2**20:>12.1f}" for ending in FORMATS)
        print(f"  {name:14}{table['rows']:>10,}{sizes}")
    rows = sum(table["rows"] for table in tables.values())
    print(
        f"\n  {rows:,} rows in {found.seconds:.1f} s ({rows / found.seconds:,.0f} a second), {found.megabytes:.0f} MB"
        f" at most; processor {found.cpu_seconds:.1f} s, PostgreSQL {found.database_seconds:.1f} s\n"
    )
    for miss in misses(found, tables):
        print(f"NOT KEPT  {miss}")
    if elsewhere > QUIET:
        print(f"The machine was not quiet: others had {elsewhere:.0%} of it. Trust the CPU, not the seconds.")


def write_json(
    path: Path, rounds: Sequence[Publication], tables: Mapping[str, Mapping[str, int]], more: dict[str, Any]
) -> None:
    """Everything, with each round."""
    content = {
        **provenance(),
        **more,
        "promised": {"seconds": SECONDS, "megabytes": MEGABYTES},
        "publication": asdict(median(rounds)),
        "rounds": [asdict(each) for each in rounds],
        "tables": tables,
    }
    path.write_text(json.dumps(content, indent=1) + "\n")
