"""What honest people notice: pages read on 8 connections, alone and beside four loops of hostile documents.

Limits are on, as on every server: without them whoever asks most has most of the machine, whatever they ask. So honest
people read on, and wait a moment between two pages, as people do; and the loops have spent what they had to begin with
before a window opens. The loops are one person's, who is logged in: that is a bucket five times a stranger's.
"""

import json
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.read.data import VIEWERS, sizes
from tests.bench.read.load import wrk
from tests.bench.read.queries import QUERIES, token
from tests.bench.read.servers import Acequia
from tests.schema.hostile import written
from tests.schema.hostile.generated import generated

HONEST, LOOPS = 8, 4
#: Milliseconds between an honest page and the next one of its connection.
PAUSE = 20
#: Seconds in which hostile loops spend what they had.
_SPENDING = 4
#: Who is hostile, of the people there are; the others are honest.
_HOSTILE = 0
PAGE = "project_page"
_SCRIPT = Path(__file__).parents[1] / "read" / "rotate.lua"


@dataclass(frozen=True)
class Window:
    """Some seconds of honest requests, and the hostile ones beside them."""

    p50_ms: float
    p99_ms: float
    requests_a_second: float
    failed: int
    hostile_a_second: float


def windows(
    server: Acequia, folder: Path, *, rows: float, rounds: int, seconds: int, seed: int
) -> dict[str, Any]:
    """Pairs of windows, the first of each without and the second with hostile loops; and the medians of their ratios."""
    honest, hostile = folder / "honest.requests", folder / "hostile.requests"
    query = QUERIES[PAGE]
    honest.write_text(
        "".join(
            f"{token(k)} {json.dumps(server.body(query, k, sizes(rows)))}\n"
            for k in range(VIEWERS)
            if k != _HOSTILE
        )
    )
    documents = [*(each.document for each in written()), *generated(seed, 2_000)]
    hostile.write_text("".join(f"{token(_HOSTILE)} {json.dumps({'query': each})}\n" for each in documents))
    _window(server, honest, hostile, 2)
    found = []
    for number in range(1, rounds + 1):
        quiet = _window(server, honest, None, seconds)
        attacked = _window(server, honest, hostile, seconds)
        found.append((quiet, attacked))
        print(
            f"  {number} honest p99 {quiet.p99_ms:6.1f} ms alone, {attacked.p99_ms:6.1f} ms beside"
            f" {attacked.hostile_a_second:,.0f} hostile documents a second",
            flush=True,
        )
    return {
        "rounds": [{"quiet": asdict(quiet), "attacked": asdict(attacked)} for quiet, attacked in found],
        "p99_ratio": statistics.median(attacked.p99_ms / quiet.p99_ms for quiet, attacked in found),
        "p50_ratio": statistics.median(attacked.p50_ms / quiet.p50_ms for quiet, attacked in found),
        "failed": sum(attacked.failed + quiet.failed for quiet, attacked in found),
    }


def _window(server: Acequia, honest: Path, hostile: Path | None, seconds: int) -> Window:
    with _loops(server, hostile, seconds + _SPENDING + 1) as beside:
        said = _load(server, honest, HONEST, seconds, pause=PAUSE).communicate()[0]
    found = json.loads(said.strip().splitlines()[-1])
    return Window(
        p50_ms=found["p50"],
        p99_ms=found["p99"],
        requests_a_second=found["requests"] / found["seconds"],
        failed=int(found["failed"]),
        hostile_a_second=beside.get("requests", 0) / beside.get("seconds", 1),
    )


@contextmanager
def _loops(server: Acequia, hostile: Path | None, seconds: int) -> Iterator[dict[str, float]]:
    told: dict[str, float] = {}
    if hostile is None:
        yield told
        return
    process = _load(server, hostile, LOOPS, seconds)
    time.sleep(_SPENDING)
    yield told
    told |= json.loads(process.communicate()[0].strip().splitlines()[-1])


def _load(
    server: Acequia, requests: Path, connections: int, seconds: int, pause: int = 0
) -> "subprocess.Popen[str]":
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(_SCRIPT)]
    command = [wrk(), *options, server.url, "--", str(requests), str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
