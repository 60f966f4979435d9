"""`python -m tests.bench.read`: see the package."""

import argparse
import contextlib
import json
import sys
from pathlib import Path

import psycopg

from config.local.processes import Stopped, stopped_by_signals
from config.local.services import postgres
from tests.bench.folders import RESULTS, own_folder
from tests.bench.loading import environment
from tests.bench.npm import install
from tests.bench.read import open_data, open_data_picture
from tests.bench.read.comparing import queries_named, refuse_differences
from tests.bench.read.data import loaded, sizes
from tests.bench.read.growth import measure_growth
from tests.bench.read.load import Window, run_window, warm_up, write_requests, wrk
from tests.bench.read.picture import draw
from tests.bench.read.queries import PEER_DOCUMENTS, Query
from tests.bench.read.report import Measured, lines, print_table, write_json
from tests.bench.read.servers import SERVERS, Postgraphile, Server

POSTGRES = {
    "shared_buffers": "1GB",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "max_connections": "200",
    # For the loading: a checkpoint in the middle of it would only take time.
    "max_wal_size": "8GB",
}
_WARM_UP_SECONDS = 2


def main(arguments: list[str]) -> int:
    """0 when everything asked for was measured."""
    options = _options(arguments)
    queries = queries_named(options.only)
    RESULTS.mkdir(exist_ok=True)
    if not options.growth:
        # Before anything slow.
        wrk()
        if Postgraphile.name in options.servers:
            install(Postgraphile.source)
    try:
        with (
            stopped_by_signals(),
            own_folder(options.folder) as folder,
            postgres(folder, more=POSTGRES) as url,
        ):
            postmaster = int((folder / "data" / "postmaster.pid").read_text().partition("\n")[0])
            if options.growth:
                grown = measure_growth(url, postmaster, folder, options.rounds)
                (RESULTS / "read_growth.json").write_text(json.dumps(grown, indent=1) + "\n")
                return 0
            target = loaded(url, options.rows, environment(url))
            if options.open_data:
                _measure_open_data(target, postmaster, folder, options)
                return 0
            with contextlib.ExitStack() as stack:
                servers = _started(options.servers, target, folder, stack)
                print("Comparing answers", flush=True)
                refuse_differences(servers, queries, sizes(options.rows))
                measured = _measured(servers, queries, options, folder, postmaster)
            if not options.only:
                _measure_open_data(target, postmaster, folder, options)
    except Stopped as stopped:
        return 128 + stopped.number
    found = lines(measured)
    print_table(found)
    settings = {name: getattr(options, name) for name in ("rounds", "seconds", "rows")}
    write_json(RESULTS / "read.json", found, measured, settings | {"postgres": POSTGRES})
    draw(RESULTS / "read.png", found)
    print(f"Written: {RESULTS / 'read.json'} and {RESULTS / 'read.png'}")
    return 0


def _measure_open_data(url: str, postmaster: int, folder: Path, options: argparse.Namespace) -> None:
    names = [name for name in open_data.SERVERS if name not in options.without]
    told = open_data.measure(url, postmaster, folder, options, names)
    (RESULTS / "read_open_data.json").write_text(json.dumps(told, indent=1) + "\n")
    open_data_picture.draw(RESULTS / "read_open_data.png", told)
    print(f"Written: {RESULTS / 'read_open_data.json'} and {RESULTS / 'read_open_data.png'}")


def _measured(
    servers: list[Server], queries: list[Query], options: argparse.Namespace, folder: Path, postmaster: int
) -> Measured:
    turns = [
        (query.name, server, write_requests(server, query, sizes(options.rows), folder))
        for query in queries
        for server in servers
    ]
    for _, server, requests in turns:
        # So that each process has read, planned and cached what it will.
        warm_up(server, requests, _WARM_UP_SECONDS, postmaster)
    print("Warm", flush=True)
    measured: dict[str, dict[str, list[Window]]] = {
        query.name: {server.name: [] for server in servers} for query in queries
    }
    for number in range(1, options.rounds + 1):
        for query, server, requests in turns:
            warm_up(server, requests, 1, postmaster)
            window = run_window(server, requests, options.seconds, postmaster)
            measured[query][server.name].append(window)
            print(
                f"  {number} {query:13}{server.name:13}{window.requests_a_second:8,.0f} req/s"
                f"  {window.cpu_ms:6.2f} ms CPU",
                flush=True,
            )
        print(f"Round {number} of {options.rounds} done", flush=True)
    return measured


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.read", description="Measures how reading is served."
    )
    parser.add_argument("--rounds", type=int, default=3, help="windows of each server on each query (3)")
    parser.add_argument("--seconds", type=int, default=3, help="length of a window (3)")
    parser.add_argument("--only", default="", metavar="QUERY,…", help="some of the queries")
    parser.add_argument("--servers", default="", metavar="SERVER,…", help=f"some of {', '.join(SERVERS)}")
    parser.add_argument("--without", default="", metavar="SERVER,…", help="leave some of them out")
    parser.add_argument("--rows", type=float, default=1.0, help="so many times as many rows (1.0)")
    parser.add_argument("--open-data", action="store_true", help="only what the open-data list costs")
    parser.add_argument("--growth", action="store_true", help="instead: what more rows and later pages cost")
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the cluster is, which stays for the next run"
    )
    options = parser.parse_args(arguments)
    chosen, without = (set(filter(None, names.split(","))) for names in (options.servers, options.without))
    if unknown := sorted((chosen | without) - SERVERS.keys()):
        parser.error(f"there is no server {unknown[0]}; there are {', '.join(SERVERS)}")
    options.without = without
    options.servers = [name for name in SERVERS if name in (chosen or SERVERS) and name not in without]
    if options.rounds < 1 or options.seconds < 1 or options.rows <= 0:
        parser.error("rounds and seconds are 1 or more, rows more than 0")
    return options


def _started(names: list[str], url: str, folder: Path, stack: contextlib.ExitStack) -> list[Server]:
    servers = []
    for name in names:
        server = SERVERS[name](environment(url), folder)
        if absence := server.absence():
            print(f"Without {name}: {absence}", flush=True)
            continue
        if isinstance(server, Postgraphile):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute((PEER_DOCUMENTS / "functions.sql").read_text())
        servers.append(stack.enter_context(server))
        print(f"Started {name}", flush=True)
    return servers


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
