"""One publication in a process of its own, and what readers find in its files."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg

from config.local.places import CHECKOUT
from tests.bench.cpu import seconds_of


@dataclass(frozen=True)
class Publication:
    """What one of them cost."""

    seconds: float
    #: Of the process that publishes, and of PostgreSQL for it.
    cpu_seconds: float
    database_seconds: float
    #: The most that the process held at once, as the kernel counts it (VmHWM).
    megabytes: float


def publish(environment: dict[str, str]) -> Publication:
    """Publish anew. Raises `SystemExit` with what it said where it fails."""
    everybody, begin = seconds_of(os.getpid()), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "publish_datasets", "--again"],
        env=environment,
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"It could not be published:\n{said[-2000:]}")
    seconds, cpu = time.monotonic() - begin, used.ru_utime + used.ru_stime
    return Publication(
        seconds=seconds,
        cpu_seconds=cpu,
        database_seconds=max(0.0, seconds_of(os.getpid()) - everybody - cpu),
        # Linux counts it in units of 1024 bytes.
        megabytes=used.ru_maxrss / 1024,
    )


def read_back(url: str, media: Path) -> dict[str, dict[str, int]]:
    """Of each table the rows that it says, that each of its files holds to DuckDB, and the bytes of each."""
    with psycopg.connect(url) as database:
        found = database.execute("SELECT keys, package FROM datasets_version ORDER BY day DESC LIMIT 1")
        keys, package = found.fetchone() or ({}, "{}")
    readers: dict[str, Callable[[str], duckdb.DuckDBPyRelation]] = {
        # Each cell as it is: types are of no matter for counting.
        "csv": lambda path: duckdb.read_csv(path, all_varchar=True, header=True),
        "jsonl": lambda path: duckdb.read_json(path, format="newline_delimited"),
        "parquet": duckdb.read_parquet,
    }
    tables = {}
    for table in json.loads(package)["resources"]:
        tables[table["name"]] = counted = {"rows": table["rows"]}
        for file in (table, *table["alternates"]):
            path = media / keys[file["path"]]
            (count,) = readers[file["format"]](str(path)).aggregate("count(*)").fetchall()[0]
            counted |= {f"{file['format']}_rows": count, f"{file['format']}_bytes": path.stat().st_size}
    return tables
