"""Whether the cost of an answer grows with what the database holds, or with how far down a list it is."""

import json
import statistics
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench.cpu import seconds_of
from tests.bench.loading import environment
from tests.bench.read.data import loaded, sizes
from tests.bench.read.queries import DOCUMENTS, QUERIES
from tests.bench.read.servers import Acequia, Client

#: So many times as many rows may cost this much more.
ROWS, ROWS_MAY_COST = 10, 1.2
#: The last page of so many may cost this much more than the first.
PAGES, PAGES_MAY_COST = 1_000, 1.5
_PAGE = 20
#: The clock of /proc counts hundredths of a second: so long it must run, and over so many different requests.
_SECONDS, _REQUESTS = 1.0, 100


def measure_growth(url: str, postmaster: int, folder: Path, rounds: int) -> dict[str, Any]:
    """Measures and prints both ratios: medians of rounds, in each of which both sides take their turn."""
    with ExitStack() as stack:
        clients: list[Client] = []
        for rows in (1.0, float(ROWS)):
            variables = environment(loaded(url, rows, environment(url)))
            clients.append(stack.enter_context(Acequia(variables, folder)).connect())
        small, large = clients
        page = QUERIES["project_page"]
        more_rows = _ratio(
            postmaster,
            rounds,
            f"project page, every table {ROWS} times as large",
            (small, lambda k: small.server.body(page, k, sizes(1.0))),
            (large, lambda k: large.server.body(page, k, sizes(ROWS))),
        )
        cursor = _cursor_before_page(small, PAGES)
        deep_page = _ratio(
            postmaster,
            rounds,
            f"page {PAGES:,} of a thread, beside its first",
            (small, lambda k: _thread(_PAGE, None)),
            (small, lambda k: _thread(_PAGE, cursor)),
        )
    found = {
        "rows": {"times": ROWS, "cost": more_rows, "promised": ROWS_MAY_COST},
        "pages": {"page": PAGES, "cost": deep_page, "promised": PAGES_MAY_COST},
    }
    for name, each in found.items():
        verdict = "kept" if each["cost"] <= each["promised"] else "NOT KEPT"
        print(f"{verdict:9} {name}: {each['cost']:.2f} times the CPU, promised {each['promised']} or less")
    return found


def _ratio(
    postmaster: int,
    rounds: int,
    title: str,
    *sides: tuple[Client, Callable[[int], Mapping[str, Any]]],
) -> float:
    print(title, flush=True)
    for side in sides:
        _cost(postmaster, *side)
    ratios = []
    for number in range(rounds):
        before, after = (_cost(postmaster, *side) for side in sides)
        ratios.append(after / before)
        print(f"  round {number + 1}: {before:.2f} and {after:.2f} ms of CPU a request", flush=True)
    return statistics.median(ratios)


def _cost(postmaster: int, client: Client, body: Callable[[int], Mapping[str, Any]]) -> float:
    begin, spent, asked = seconds_of(client.server.pid) + seconds_of(postmaster), 0.0, 0
    while spent < _SECONDS:
        for k in range(asked, asked + _REQUESTS):
            if b'"errors"' in (answer := client.post(k, body(k))):
                raise SystemExit(f"{client.server.name} refuses: {answer[:500].decode(errors='replace')}")
        asked += _REQUESTS
        spent = seconds_of(client.server.pid) + seconds_of(postmaster) - begin
    return 1000 * spent / asked


def _thread(first: int, after: str | None) -> dict[str, Any]:
    variables = {"slug": "project-1", "first": first, "after": after}
    return {
        "operationName": "Thread",
        "query": (DOCUMENTS / "thread.graphql").read_text(),
        "variables": variables,
    }


def _cursor_before_page(client: Client, page: int) -> str:
    print(f"Walking to page {page:,}", flush=True)
    cursor, left = None, _PAGE * (page - 1)
    while left:
        step = min(100, left)
        comments = json.loads(client.post(0, _thread(step, cursor)))["data"]["project"]["comments"]
        if len(comments["edges"]) < step:
            raise SystemExit(f"The thread ends before page {page:,}.")
        cursor, left = comments["pageInfo"]["endCursor"], left - step
    return str(cursor)
