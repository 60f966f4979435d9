"""Windows of load: 32 connections of wrk on one server and one query, and what they cost."""

import json
import shutil
import statistics
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.read.cpu import seconds_of
from tests.bench.read.data import VIEWERS
from tests.bench.read.queries import Query, token
from tests.bench.read.servers import Server

CONNECTIONS = 32
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


def run_window(server: Server, requests: Path, seconds: int, postmaster: int) -> Window:
    """Loads a server for some seconds. Raises `SystemExit` when a request failed."""
    before = seconds_of(server.pid), seconds_of(postmaster)
    command = [
        wrk(),
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "20s",
        "-s",
        str(_SCRIPT),
        server.url,
    ]
    said = subprocess.run([*command, "--", str(requests)], capture_output=True, text=True, check=True).stdout
    after = seconds_of(server.pid), seconds_of(postmaster)
    found = json.loads(said.strip().splitlines()[-1])
    if found["failed"] or not found["requests"]:
        raise SystemExit(
            f"{server.name} failed {found['failed']} of {found['requests']} requests of {requests.stem}."
        )
    server_ms, database_ms = (
        1000 * (end - begin) / found["requests"] for begin, end in zip(before, after, strict=True)
    )
    return Window(
        requests_a_second=found["requests"] / found["seconds"],
        server_ms=server_ms,
        database_ms=database_ms,
        p50_ms=found["p50"],
        p99_ms=found["p99"],
        bytes_a_request=found["bytes"] / found["requests"],
    )
