"""How many statements the project asks of PostgreSQL for an event, counted in its log in a run of its own."""

import re
from pathlib import Path

import psycopg
from psycopg import sql

from tests.bench.live.servers import Pushing
from tests.bench.live.windows import Bench

SOCKETS, EVENTS = 50, 20
#: So slowly that no two events are read at once.
_RATE = 4.0
_STATEMENT = re.compile(r"\[(\d+)\] LOG:  (?:statement|execute [^:]*): (.*)")


def statements_an_event(bench: Bench, kind: type[Pushing], url: str, log: Path) -> float:
    """Statements for an event to `SOCKETS` people on one board, what the process asks anyway in that time among them."""
    with psycopg.connect(url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        # For connections that are made from now on: those of the server.
        connection.execute(sql.SQL("ALTER DATABASE {} SET log_statement = 'all'").format(name))
        try:
            return _counted(bench, kind, log) / EVENTS
        finally:
            connection.execute(sql.SQL("ALTER DATABASE {} RESET log_statement").format(name))


def _counted(bench: Bench, kind: type[Pushing], log: Path) -> int:
    with kind(bench.environment, bench.folder) as server, bench.client() as client:
        bench.subscribe(server, client, SOCKETS, range(1, 2))
        client.ask(do="begin")
        publisher = bench.publisher(server.publisher)
        begin = log.stat().st_size
        publisher.ask(boards=[1], events=EVENTS, rate=_RATE)
        client.ask(do="gather", expected=SOCKETS * EVENTS, silence=6)
        written = log.read_bytes()[begin:].decode(errors="replace")
    return sum(int(pid) != publisher.hello["backend"] for pid, _ in _STATEMENT.findall(written))
