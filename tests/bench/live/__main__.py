"""`python -m tests.bench.live`: see the package."""

import argparse
import resource
import sys
from pathlib import Path

from config.local.processes import Stopped, stopped_by_signals
from config.local.services import postgres, redis
from tests.bench import npm
from tests.bench.folders import RESULTS, own_folder
from tests.bench.live.comparing import refuse_differences
from tests.bench.live.data import made
from tests.bench.live.picture import draw
from tests.bench.live.report import Measured, lines, print_table, promises, write_json
from tests.bench.live.servers import SERVERS, GraphqlWs, Pushing
from tests.bench.live.statements import statements_an_event
from tests.bench.live.windows import LOADS, Bench, Load, Window
from tests.bench.loading import environment

#: No commit waits for the disk: how quick that is would be measured with the burst.
POSTGRES = {"shared_buffers": "256MB", "max_wal_size": "4GB", "synchronous_commit": "off"}


def main(arguments: list[str]) -> int:
    """0 when everything asked for was measured."""
    options = _options(arguments)
    servers = [SERVERS[name] for name in options.servers]
    loads = [load.sized(options.size) for load in LOADS.values() if load.name in options.loads]
    RESULTS.mkdir(exist_ok=True)
    # Before anything slow.
    if GraphqlWs in servers:
        npm.install(GraphqlWs.source)
    _allow_files(2 * max(load.sockets for load in loads) + 1_000)
    try:
        with (
            stopped_by_signals(),
            own_folder(options.folder) as folder,
            postgres(folder, more=POSTGRES) as url,
            redis(folder) as redis_url,
        ):
            postmaster = int((folder / "data" / "postmaster.pid").read_text().partition("\n")[0])
            viewers = max(load.sockets for load in loads) + 50
            boards = max(board for load in loads for board in load.boards)
            target = made(url, "live", viewers, boards, environment(url, redis_url))
            with Bench(environment(target, redis_url), folder) as bench:
                print("Comparing events", flush=True)
                refuse_differences(bench, servers)
                statements = {
                    server.name: statements_an_event(bench, server, target, folder / "postgres.log")
                    for server in servers
                    if server.has_database
                }
                measured = _measured(bench, servers, loads, options.rounds, postmaster)
    except Stopped as stopped:
        return 128 + stopped.number
    found, kept = lines(measured), promises(measured)
    print_table(found, kept, statements)
    settings = {"rounds": options.rounds, "size": options.size, "postgres": POSTGRES}
    more = {"settings": settings, "statements_an_event": statements}
    write_json(RESULTS / "live.json", found, kept, measured, more)
    draw(RESULTS / "live.png", found, kept)
    print(f"Written: {RESULTS / 'live.json'} and {RESULTS / 'live.png'}")
    return 0


def _measured(
    bench: Bench, servers: list[type[Pushing]], loads: list[Load], rounds: int, postmaster: int
) -> Measured:
    measured: dict[str, dict[str, list[Window]]] = {
        load.name: {server.name: [] for server in servers} for load in loads
    }
    for number in range(1, rounds + 1):
        for load in loads:
            for server in servers:
                window = bench.run_window(server, load.sized(server.share), postmaster)
                measured[load.name][server.name].append(window)
                print(
                    f"  {number} {load.name:14}{server.name:15}{window.sockets:6,} sockets"
                    f"{window.server_us:9,.1f} µs{window.database_us:9,.1f} µs PG"
                    f"  p50 {window.p50_ms:7,.1f} ms  p99 {window.p99_ms:7,.1f} ms"
                    f"{window.deliveries_a_second:9,.0f}/s  {window.idle_kib:6.1f} KiB"
                    f"  lost {window.lost}  wrong {window.wrong}",
                    flush=True,
                )
        print(f"Round {number} of {rounds} done", flush=True)
    return measured


def _allow_files(wanted: int) -> None:
    # A socket is a file, in the server and in the client.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(
            f"This machine lets a process open {hard} files, and {wanted} are needed: ulimit -Hn"
        )


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.live", description="Measures how events are pushed."
    )
    parser.add_argument("--rounds", type=int, default=3, help="windows of each server under each load (3)")
    parser.add_argument("--size", type=float, default=1.0, help="so many times as many sockets (1.0)")
    parser.add_argument("--only", default="", metavar="LOAD,…", help=f"some of {', '.join(LOADS)}")
    parser.add_argument("--servers", default="", metavar="SERVER,…", help=f"some of {', '.join(SERVERS)}")
    parser.add_argument("--without", default="", metavar="SERVER,…", help="leave some of them out")
    parser.add_argument("--folder", type=Path, default=None, help="where cluster and logs are")
    options = parser.parse_args(arguments)
    chosen, without, only = (
        set(filter(None, names.split(","))) for names in (options.servers, options.without, options.only)
    )
    if unknown := sorted((chosen | without) - SERVERS.keys()):
        parser.error(f"there is no server {unknown[0]}; there are {', '.join(SERVERS)}")
    if unknown := sorted(only - LOADS.keys()):
        parser.error(f"there is no load {unknown[0]}; there are {', '.join(LOADS)}")
    options.servers = [name for name in SERVERS if name in (chosen or SERVERS) and name not in without]
    options.loads = [name for name in LOADS if name in (only or LOADS)]
    if options.rounds < 1 or options.size <= 0 or not options.servers:
        parser.error("rounds are 1 or more, size is more than 0, and some server is left")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
