"""`python -m tests.bench.guard`: see the package."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from config.local.places import CHECKOUT
from config.local.processes import Stopped, stopped_by_signals
from config.local.services import postgres, redis
from tests.bench.cpu import seconds_elsewhere
from tests.bench.folders import RESULTS, own_folder
from tests.bench.guard.deciding import WAYS
from tests.bench.guard.picture import draw
from tests.bench.guard.report import print_table, summary, write_json
from tests.bench.guard.serving import windows
from tests.bench.loading import environment
from tests.bench.read.data import loaded
from tests.bench.read.load import wrk
from tests.bench.read.servers import Acequia

#: Generated documents that the others are asked too: each may take them long.
_PART = 200
#: A part of the data of the read benchmark: pages are as large, and it is soon loaded.
_ROWS = 0.05


def main(arguments: list[str]) -> int:
    """0 when everything asked for was measured."""
    options = _options(arguments)
    RESULTS.mkdir(exist_ok=True)
    if not options.without_server:
        wrk()
    begin, others = time.monotonic(), seconds_elsewhere()
    served: dict[str, Any] | None = None
    try:
        with stopped_by_signals(), own_folder(options.folder) as folder, postgres(folder) as url:
            part = {name: _decided(name, _PART, options, url) for name in WAYS}
            if not options.without_server:
                target = loaded(url, _ROWS, environment(url))
                with redis(folder) as counts, Acequia(limited(target, counts), folder) as server:
                    asked = {name: getattr(options, name) for name in ("rounds", "seconds", "seed")}
                    served = windows(server, folder, rows=_ROWS, **asked)
            every = _decided("acequia", options.documents, options, url)
    except Stopped as stopped:
        return 128 + stopped.number
    elsewhere = (seconds_elsewhere() - others) / (time.monotonic() - begin) / (os.cpu_count() or 1)
    figures = summary(every), {name: summary(each) for name, each in part.items()}
    print_table(*figures, served, elsewhere)
    content = {"seed": options.seed, "elsewhere": elsewhere, "acequia": figures[0], "part": figures[1]}
    worst = {name: each["worst"] for name, each in part.items()} | {"acequia": every["worst"]}
    write_json(RESULTS / "guard.json", content | {"worst": worst, "served": served})
    draw(RESULTS / "guard.png", {name: each["milliseconds"] for name, each in part.items()}, served)
    print(f"Written: {RESULTS / 'guard.json'} and {RESULTS / 'guard.png'}")
    return 0


def limited(url: str, counts: str) -> dict[str, str]:
    """The environment of a server that limits what one may ask, as it is outside of benchmarks."""
    return environment(url, counts) | {"RATE_LIMITS": "1"}


def _decided(way: str, count: int, options: argparse.Namespace, url: str) -> dict[str, Any]:
    print(f"Deciding on {count:,} generated documents: {way}", flush=True)
    numbers = [str(each) for each in (count, options.seed, options.rounds)]
    command = [sys.executable, "-m", "tests.bench.guard.deciding", way, *numbers]
    ended = subprocess.run(
        command, env=environment(url), cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise SystemExit(f"{way} could not be measured:\n{ended.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    print(f"  {summary(found)}", flush=True)
    return found


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.guard", description="Measures what hostile documents cost."
    )
    parser.add_argument("--documents", type=int, default=20_000, help="so many generated ones (20,000)")
    parser.add_argument("--seed", type=int, default=1, help="of which kind (1)")
    parser.add_argument("--rounds", type=int, default=3, help="times that each is decided on (3)")
    parser.add_argument("--seconds", type=int, default=10, help="length of a window of the server (10)")
    parser.add_argument("--without-server", action="store_true", help="only the deciding")
    parser.add_argument("--folder", type=Path, default=None, help="where the cluster is")
    options = parser.parse_args(arguments)
    if min(options.documents, options.rounds, options.seconds) < 1:
        parser.error("documents, rounds and seconds are 1 or more")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
