"""The open-data list: 50 projects of a domain, as whoever reads them asks each of those who tell them.

The project twice, as it is and with every answer made anew; PostGraphile over the same tables; and the shape of Goteo's
REST API. Pages of open data are few and asked often, so what a kept one costs is what most readers notice, and what a new
one costs is what the machine has to bear.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from config.local.places import CHECKOUT
from config.local.services import redis
from tests.bench.guard.open_data import windows as beside_hostile
from tests.bench.loading import environment
from tests.bench.machine import provenance
from tests.bench.read.load import Window, median, run_window, warm_up
from tests.bench.read.queries import DOCUMENTS, PEER_DOCUMENTS, token
from tests.bench.read.servers import KEPT_CONNECTIONS, Acequia, Postgraphile, Server

CATEGORIES = ("SOCIAL", "CULTURAL", "SCIENTIFIC", "EDUCATIONAL", "TECHNOLOGICAL", "ECOLOGICAL")
FIRST = 50
#: What they all say of a project.
COLUMNS = ("slug", "title", "summary", "category", "status")


class OpenData(Acequia):
    """The project's open data, kept a minute."""

    name = "open data"
    more = KEPT_CONNECTIONS
    #: Whoever asks: nobody.
    credentials = "-"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/open-data/graphql"

    def line(self, category: str) -> str:
        """What is asked, as `rotate.lua` reads it."""
        variables = {"category": category, "first": FIRST}
        return f"{self.credentials} {json.dumps({'query': self.document(), 'variables': variables})}"

    def document(self) -> str:
        """The text of the question."""
        return (DOCUMENTS / "open_data.graphql").read_text()

    def rows(self, answer: Any) -> list[dict[str, Any]]:
        """The projects of an answer."""
        return [edge["node"] for edge in answer["data"]["projects"]["edges"]]


class OpenDataMadeAnew(OpenData):
    """The same without a Redis, so that nothing is kept."""

    name = "made anew"
    more = KEPT_CONNECTIONS | {"REDIS_URL": "unix:///nowhere/redis.sock"}


class Peer(Postgraphile):
    """PostGraphile, asked the same of the same tables; it answers only who is logged in."""

    credentials = token(0)
    line = OpenData.line
    rows = OpenData.rows

    def document(self) -> str:
        """The text of the question, in its words."""
        return (PEER_DOCUMENTS / "open_data.graphql").read_text()


class GoteoRest(Server):
    """The shape of Goteo's REST API; see `goteo/wsgi.py`."""

    name = "rest"
    application = "tests.bench.read.goteo.wsgi:application"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/projects"

    def line(self, category: str) -> str:
        """An address, and the key that goes with it."""
        return f"YmVuY2g6YmVuY2g= /v1/projects?category={category}&limit={FIRST}&page=0"

    def rows(self, answer: Any) -> list[dict[str, Any]]:
        """The projects of an answer."""
        return list(answer["items"])

    def answers(self) -> bool:
        """Whether it listens; it speaks no GraphQL."""
        return super(Server, self).answers()


SERVERS: dict[str, Any] = {each.name: each for each in (OpenData, OpenDataMadeAnew, Peer, GoteoRest)}


def asked(server: Any, category: str) -> list[dict[str, Any]]:
    """What a server says of a domain, as all of them say it. Raises `OSError`, and `SystemExit` where it refuses."""
    client = server.connect()
    credentials, _, body = server.line(category).partition(" ")
    if body.startswith("/"):
        client._connection.request("GET", body, headers={"Authorization": f"Basic {credentials}"})
    else:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {credentials}"}
        client._connection.request("POST", server.url.partition(str(server.port))[2], body, headers)
    answer = json.loads(client._connection.getresponse().read())
    if "errors" in answer:
        raise SystemExit(f"{server.name} refuses: {json.dumps(answer)[:2000]}")
    rows = server.rows(answer)
    return [{name: row[name] for name in COLUMNS} for row in rows]


def refuse_differences(servers: list[Any]) -> None:
    """`SystemExit` where one says something else than the first."""
    for category in CATEGORIES:
        first, *others = [asked(server, category) for server in servers]
        for server, rows in zip(servers[1:], others, strict=True):
            if rows != first or not rows:
                raise SystemExit(f"{server.name} says something else of {category} than {servers[0].name}")


def let_read(url: str) -> None:
    """The role of open data may read the views of this database: it may have been made under another name."""
    command = [sys.executable, "manage.py", "grant_open_data"]
    subprocess.run(command, env=environment(url), cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)


def measure(url: str, postmaster: int, folder: Path, options: Any, names: list[str]) -> dict[str, Any]:
    """Windows of each, side by side, and the medians."""
    let_read(url)
    with redis(folder) as counts:
        servers = [SERVERS[name](environment(url, counts), folder) for name in names]
        begun: list[Any] = []
        try:
            for server in servers:
                if isinstance(server, Peer):
                    with psycopg.connect(url, autocommit=True) as connection:
                        connection.execute((PEER_DOCUMENTS / "functions.sql").read_text())
                server.__enter__()
                begun.append(server)
            refuse_differences(servers)
            found = _windows(servers, postmaster, folder, options)
        finally:
            for server in begun:
                server.__exit__()
        print("Beside four loops of hostile filters", flush=True)
        limited = environment(url, counts) | {"RATE_LIMITS": "1"}
        with Acequia(limited, folder) as server:
            asked = {"rows": options.rows, "rounds": options.rounds, "seconds": max(options.seconds, 5)}
            attacked = beside_hostile(server, folder, seed=20261126, **asked)
    print(f"  p99 beside them ÷ alone: {attacked['p99_ratio']:.2f}, promised 2 or less", flush=True)
    return {**provenance(), "first": FIRST, "servers": found, "beside_hostile_filters": attacked}


def _windows(servers: list[Any], postmaster: int, folder: Path, options: Any) -> Mapping[str, Any]:
    files = {}
    for server in servers:
        files[server.name] = folder / f"{server.name.replace(' ', '-')}.requests"
        files[server.name].write_text("".join(f"{server.line(each)}\n" for each in CATEGORIES))
        warm_up(server, files[server.name], 2, postmaster)
    measured: dict[str, list[Window]] = {server.name: [] for server in servers}
    for _ in range(options.rounds):
        for server in servers:
            window = run_window(server, files[server.name], options.seconds, postmaster)
            measured[server.name].append(window)
    found = {}
    for name, windows in measured.items():
        each = median(windows)
        found[name] = {
            "requests_a_second": each.requests_a_second,
            "cpu_ms": each.cpu_ms,
            "server_ms": each.server_ms,
            "database_ms": each.database_ms,
            "p50_ms": each.p50_ms,
            "p99_ms": each.p99_ms,
            "kilobytes": each.bytes_a_request / 1024,
        }
        print(
            f"  {name:13}{each.requests_a_second:9,.0f} req/s {each.cpu_ms:8.2f} ms CPU (PG {each.database_ms:.2f})"
            f"   p50 {each.p50_ms:6.1f}  p99 {each.p99_ms:6.1f} ms  {each.bytes_a_request / 1024:6.1f} KB",
            flush=True,
        )
    return found
