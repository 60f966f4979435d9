"""One server under one load: what it cost, how late it was, and whether anything was lost."""

import os
import statistics
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tests.bench.cpu import seconds_elsewhere, seconds_of
from tests.bench.live.servers import Pushing
from tests.bench.live.workers import Worker

#: Before the first socket is counted a server has delivered so many events to so many: what it opens, keeps and compiles
#: (Node's graphql-js costs three times as much in its first thousand deliveries) is there.
_WARM_UP_SOCKETS, _WARM_UP_EVENTS = 20, 150
_IDLE_SECONDS = 1.5
#: After so long without an event nothing more is waited for.
_SILENCE = 6.0
#: Who hears nothing may have subscribed too late; another event shows it.
_PROBES = 10


@dataclass(frozen=True)
class Load:
    """Who looks at what, and how much happens there."""

    name: str
    title: str
    boards: range
    sockets: int
    events: int
    #: Events a second, over all boards; 0: as fast as they can be made.
    rate: float
    #: Events that are committed in one transaction.
    together: int = 1

    def sized(self, share: float) -> Self:
        """The same with a share of the sockets, at least one on each board."""
        return type(self)(**vars(self) | {"sockets": max(len(self.boards), round(self.sockets * share))})


LOADS = {
    load.name: load
    for load in (
        Load("thousand", "1,000 sockets on a board, 4 events/s", range(1, 2), 1_000, 20, 4),
        Load("five_thousand", "5,000 sockets on a board, an event in 2 s", range(1, 2), 5_000, 6, 0.5),
        Load("boards", "50 boards with 100 sockets each, 20 events/s in all", range(2, 52), 5_000, 200, 20),
        # Committed one by one they come no faster than one process commits, and the server would wait for it.
        Load("burst", "300 events at once to 200 sockets on a board", range(1, 2), 200, 300, 0, together=10),
    )
}


@dataclass(frozen=True)
class Window:
    """What one window measured."""

    sockets: int
    deliveries: int
    #: What did not come, and what came twice, out of order, or was nothing that was asked for.
    lost: int
    wrong: int
    #: Processor time of a delivery: the server's, and of PostgreSQL what it does for the server.
    server_us: float
    database_us: float
    p50_ms: float
    p99_ms: float
    deliveries_a_second: float
    published_a_second: float
    bytes_a_delivery: float
    #: What a subscribed socket holds while nothing happens.
    idle_kib: float
    #: What share of the machine others had meanwhile.
    elsewhere: float

    @property
    def cpu_us(self) -> float:
        """Processor time of server and database for one delivery."""
        return self.server_us + self.database_us


def median(windows: list[Window]) -> Window:
    """The window of medians, each figure for itself."""
    each = [asdict(window) for window in windows]
    found: dict[str, Any] = {name: statistics.median(window[name] for window in each) for name in each[0]}
    # Whoever lost something in one round has lost something.
    return Window(**found | {name: max(window[name] for window in each) for name in ("lost", "wrong")})


class Bench:
    """Servers and publishers on one database and one Redis."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = environment
        self.folder = folder
        self._publishers: dict[str, Worker] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def publisher(self, how: str) -> Worker:
        """Who publishes in this way: the same process for the whole run."""
        if how not in self._publishers:
            # One connection, kept: what PostgreSQL does for it is told apart by its process.
            environment = {**self.environment, "DATABASE_POOL": "0"}
            worker = Worker("publisher", how, environment=environment, folder=self.folder)
            self._publishers[how] = self._stack.enter_context(worker)
        return self._publishers[how]

    def client(self) -> Worker:
        """A new process for sockets."""
        return Worker("client", environment=self.environment, folder=self.folder)

    def subscribe(self, server: Pushing, client: Worker, sockets: int, boards: range) -> None:
        """Open so many sockets, and see that each has had an event. Raises `SystemExit` when one hears nothing."""
        asked = {"port": server.port, "sockets": sockets, "document": server.document}
        client.ask(do="connect", boards=list(boards), **asked)
        deaf = list(boards)
        for _ in range(_PROBES):
            # That a subscription stands is never told: only an event shows it.
            self.publisher(server.publisher).ask(boards=deaf, events=len(deaf), rate=0)
            settled = client.ask(do="settle", silence=_SILENCE)
            deaf = [int(board) for board in settled["deaf"]]
            if not deaf:
                return
        words = f"a socket on board {deaf[0]} hears nothing of {_PROBES} events {settled['strange']}"
        raise SystemExit(f"{server.name}: {words}; see {server.log}")

    def run_window(self, kind: type[Pushing], load: Load, postmaster: int) -> Window:
        """Start a server, put the load on it, and end it. Raises `SystemExit` when nothing arrives."""
        with kind(self.environment, self.folder) as server, self.client() as client:
            self._warm_up(server, client, load.boards[:1])
            memory = _pss_kib(server.pid)
            self.subscribe(server, client, load.sockets, load.boards)
            time.sleep(_IDLE_SECONDS)
            idle_kib = (_pss_kib(server.pid) - memory) / load.sockets
            return self._measured(server, client, load, postmaster, idle_kib)

    def _warm_up(self, server: Pushing, client: Worker, board: range) -> None:
        self.subscribe(server, client, _WARM_UP_SOCKETS, board)
        client.ask(do="begin")
        self.publisher(server.publisher).ask(boards=list(board), events=_WARM_UP_EVENTS, rate=0, together=10)
        client.ask(do="gather", expected=_WARM_UP_SOCKETS * _WARM_UP_EVENTS, silence=_SILENCE)
        client.ask(do="close")
        time.sleep(_IDLE_SECONDS)

    def _measured(
        self, server: Pushing, client: Worker, load: Load, postmaster: int, idle_kib: float
    ) -> Window:
        publisher = self.publisher(server.publisher)
        client.ask(do="begin")
        begun, others = time.monotonic(), seconds_elsewhere()
        before = _spent(server, publisher, postmaster)
        pace = {"events": load.events, "rate": load.rate, "together": load.together}
        told = publisher.ask(boards=list(load.boards), **pace)
        listeners = [len(range(index, load.sockets, len(load.boards))) for index in range(len(load.boards))]
        expected = sum(listeners[index % len(load.boards)] for index in range(load.events))
        found = client.ask(do="gather", expected=expected, silence=_SILENCE)
        after = _spent(server, publisher, postmaster)
        seconds, others = time.monotonic() - begun, seconds_elsewhere() - others
        late = client.ask(do="latencies", told=told["told"])
        for words in found["strange"]:
            print(f"    {server.name} said: {words}", flush=True)
        if not found["deliveries"]:
            raise SystemExit(f"{server.name} delivered nothing of {load.events} events; see {server.log}")
        server_us, database_us = (
            1e6 * (end - begin) / found["deliveries"] for begin, end in zip(before, after, strict=True)
        )
        return Window(
            sockets=load.sockets,
            deliveries=found["deliveries"],
            lost=expected - found["deliveries"],
            wrong=found["wrong"],
            server_us=server_us,
            database_us=database_us if server.has_database else 0.0,
            p50_ms=late["p50"],
            p99_ms=late["p99"],
            deliveries_a_second=found["deliveries"] / max(found["seconds"], 1e-9),
            published_a_second=load.events / told["seconds"],
            bytes_a_delivery=found["bytes"] / found["deliveries"],
            idle_kib=idle_kib,
            elsewhere=max(0.0, others) / seconds / (os.cpu_count() or 1),
        )


def _spent(server: Pushing, publisher: Worker, postmaster: int) -> tuple[float, float]:
    # To commit is the publisher's business; what is read then, the server's.
    backend = publisher.hello["backend"]
    return seconds_of(server.pid), seconds_of(postmaster) - (seconds_of(backend) if backend else 0.0)


def _pss_kib(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1])
