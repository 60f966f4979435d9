"""Windows of load: 32 connections of wrk on one server and one query, and what they cost."""

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.cpu import seconds_elsewhere, seconds_of
from tests.bench.read.data import VIEWERS
from tests.bench.read.queries import Query, token
from tests.bench.read.servers import Server

CONNECTIONS = 32
_IDLE_SECONDS = 60
_SCRIPT = Path(__file__).with_name("rotate.lua")


@dataclass(frozen=True)
class Window:
    """What one window measured."""

    requests_a_second: float
    server_ms: float
    database_ms: float
    p50_ms: float
    p99_ms: float
    bytes_a_request: float
    #: What share of the machine others had meanwhile: of its processors, over the window.
    elsewhere: float

    @property
    def cpu_ms(self) -> float:
        """Processor time of server and database for one request."""
        return self.server_ms + self.database_ms


def median(windows: list[Window]) -> Window:
    """The window of medians, each figure for itself."""
    each = [asdict(window) for window in windows]
    return Window(**{name: statistics.median(window[name] for window in each) for name in each[0]})


def wrk() -> str:
    """Where the load generator is, or `SystemExit` with one sentence."""
    found = shutil.which("wrk")
    if not found:
        raise SystemExit("The load comes from wrk, which is not on the PATH: apt-get install wrk")
    return found


def write_requests(server: Server, query: Query, sizes: Mapping[str, int], folder: Path) -> Path:
    """The file of requests that wrk rotates through."""
    path = folder / f"{server.name}-{query.name}.requests"
    lines = (f"{token(k)} {json.dumps(server.body(query, k, sizes))}\n" for k in range(VIEWERS))
    path.write_text("".join(lines))
    return path


def warm_up(server: Server, requests: Path, seconds: int, postmaster: int) -> None:
    """Loads a server for some seconds, of which nothing is kept. Raises `SystemExit` when a request failed."""
    _run_wrk(server, requests, seconds)
    _await_idle(server, postmaster)


def run_window(server: Server, requests: Path, seconds: int, postmaster: int) -> Window:
    """Loads a server for some seconds. Raises `SystemExit` when a request failed, or none was answered."""
    before, others_before = (seconds_of(server.pid), seconds_of(postmaster)), seconds_elsewhere()
    found = _run_wrk(server, requests, seconds)
    after, others_after = (seconds_of(server.pid), seconds_of(postmaster)), seconds_elsewhere()
    _await_idle(server, postmaster)
    if not found["requests"]:
        raise SystemExit(
            f"{server.name} answered none of {requests.stem} within {seconds} s: take longer windows."
        )
    spent = (1000 * (end - begin) / found["requests"] for begin, end in zip(before, after, strict=True))
    server_ms, database_ms = spent
    return Window(
        requests_a_second=found["requests"] / found["seconds"],
        server_ms=server_ms,
        database_ms=database_ms,
        p50_ms=found["p50"],
        p99_ms=found["p99"],
        bytes_a_request=found["bytes"] / found["requests"],
        elsewhere=max(0.0, others_after - others_before) / found["seconds"] / (os.cpu_count() or 1),
    )


def _await_idle(server: Server, postmaster: int) -> None:
    # wrk leaves while its last requests still wait: what a slow server has yet to do must not burden the next one.
    deadline, busy = time.monotonic() + _IDLE_SECONDS, -1.0
    while (now := seconds_of(server.pid) + seconds_of(postmaster)) > busy and time.monotonic() < deadline:
        busy = now
        time.sleep(0.1)


def _run_wrk(server: Server, requests: Path, seconds: int) -> dict[str, float]:
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "-s", str(_SCRIPT)]
    command = [wrk(), *options, server.url, "--", str(requests)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"wrk could not load {server.name}: {ended.stderr.strip() or ended.stdout.strip()}")
    found: dict[str, float] = json.loads(ended.stdout.strip().splitlines()[-1])
    if found["failed"]:
        raise SystemExit(
            f"{server.name} failed {found['failed']} of {found['requests']} requests of {requests.stem}."
        )
    return found
