"""What honest people notice while four loops ask open data for the dearest that it has: pages of members, alone and beside.

As in `serving.py` limits are on, the loops have spent what they had before a window opens, and the honest wait a moment
between two pages. The loops are nobody's, so they have the bucket of one network.
"""

import json
import statistics
import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from tests.bench.guard.serving import HONEST, LOOPS, PAGE, PAUSE, Window
from tests.bench.read.data import VIEWERS, sizes
from tests.bench.read.load import wrk
from tests.bench.read.queries import QUERIES, token
from tests.bench.read.servers import Acequia

_SPENDING = 4
_SCRIPT = Path(__file__).parents[1] / "read" / "rotate.lua"
#: Each goes through a whole view, some of them twice, and finds nothing in any cache.
_DEAR = (
    'tasks(first: 100, skill: "%s") { totalCount edges { node { title project { slug tasksDone } } } }',
    'projects(first: 100, search: "%s") { totalCount edges { node { title minutesGiven community { slug } } } }',
    'updates(first: 100, publishedAt_Lt: "2100-01-01T00:00:00Z") { totalCount edges { node { title } } }'
    ' x: tags(name: "%s") { totalCount }',
    'projects(first: 100, tag: "%s", orderBy: "slug") { totalCount edges { node { slug } } }',
)


def hostile(seed: int, count: int) -> list[str]:
    """So many documents, all different."""
    random = Random(seed)  # noqa: S311
    words = ("".join(random.choices("%_abc\\\\", k=random.randint(1, 20))) + str(n) for n in range(count))
    return [f"{{ {random.choice(_DEAR) % word.replace(chr(92), '')} }}" for word in words]


def windows(
    server: Acequia, folder: Path, *, rows: float, rounds: int, seconds: int, seed: int
) -> dict[str, Any]:
    """Pairs of windows, the first of each without and the second with hostile loops; and the medians of their ratios."""
    honest, loops = folder / "open-honest.requests", folder / "open-hostile.requests"
    query = QUERIES[PAGE]
    bodies = (f"{token(k)} {json.dumps(server.body(query, k, sizes(rows)))}\n" for k in range(VIEWERS))
    honest.write_text("".join(bodies))
    loops.write_text("".join(f"- {json.dumps({'query': each})}\n" for each in hostile(seed, 5_000)))
    _window(server, honest, None, 2)
    found = []
    for number in range(1, rounds + 1):
        quiet, attacked = (_window(server, honest, each, seconds) for each in (None, loops))
        found.append((quiet, attacked))
        print(
            f"  {number} honest p99 {quiet.p99_ms:6.1f} ms alone, {attacked.p99_ms:6.1f} ms beside"
            f" {attacked.hostile_a_second:,.0f} hostile filters a second",
            flush=True,
        )
    return {
        "rounds": [{"quiet": asdict(quiet), "attacked": asdict(attacked)} for quiet, attacked in found],
        "p99_ratio": statistics.median(attacked.p99_ms / quiet.p99_ms for quiet, attacked in found),
        "p50_ratio": statistics.median(attacked.p50_ms / quiet.p50_ms for quiet, attacked in found),
        "failed": sum(attacked.failed + quiet.failed for quiet, attacked in found),
    }


def _window(server: Acequia, honest: Path, loops: Path | None, seconds: int) -> Window:
    beside = None
    if loops is not None:
        url = server.url.replace("/graphql", "/open-data/graphql")
        beside = _load(url, loops, LOOPS, seconds + _SPENDING + 1)
        time.sleep(_SPENDING)
    found = _said(_load(server.url, honest, HONEST, seconds, PAUSE))
    theirs = _said(beside) if beside else {}
    return Window(
        p50_ms=found["p50"],
        p99_ms=found["p99"],
        requests_a_second=found["requests"] / found["seconds"],
        failed=int(found["failed"]),
        hostile_a_second=theirs.get("requests", 0) / theirs.get("seconds", 1),
    )


def _load(
    url: str, requests: Path, connections: int, seconds: int, pause: int = 0
) -> "subprocess.Popen[str]":
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(_SCRIPT)]
    command = [wrk(), *options, url, "--", str(requests), str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _said(process: "subprocess.Popen[str]") -> dict[str, float]:
    said: dict[str, float] = json.loads(process.communicate()[0].strip().splitlines()[-1])
    return said
