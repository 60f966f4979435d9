"""Open data in one picture: how much work each domain's projects offer, and how much of it is done.

    pip install httpx
    python examples/open_data.py https://acequia.example work.svg

It reads every project that is live, page by page, as anybody may: no key, no account. Without arguments it asks the house
that `make run` has started, and draws `open_data.svg`.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import httpx

QUERY = """
query Work($after: String) {
  projects(first: 100, status: "LIVE", after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node { category tasksOpen tasksDone } }
  }
}
"""
Work = dict[str, tuple[int, int]]


def projects(site: str) -> Iterator[dict[str, Any]]:
    """Every live project, in pages of a hundred; whoever is told to wait (429) waits. Raises `httpx.HTTPError`."""
    with httpx.Client(base_url=site, timeout=30) as client:
        after = None
        while True:
            answer = client.post("/open-data/graphql", json={"query": QUERY, "variables": {"after": after}})
            if answer.status_code == 429:
                time.sleep(int(answer.headers["Retry-After"]))
                continue
            answer.raise_for_status()
            page = answer.json()["data"]["projects"]
            yield from (edge["node"] for edge in page["edges"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


def work_by_category(found: Iterator[dict[str, Any]]) -> Work:
    """Tasks that are open and done in each domain."""
    is_open: Counter[str] = Counter()
    is_done: Counter[str] = Counter()
    for each in found:
        is_open[each["category"]] += each["tasksOpen"]
        is_done[each["category"]] += each["tasksDone"]
    return {name: (is_open[name], is_done[name]) for name in sorted(is_open)}


def picture(work: Work) -> str:
    """A bar a domain, as SVG: what is done, and behind it what is open."""
    most = max((sum(counts) for counts in work.values()), default=0) or 1
    bars = []
    for place, (name, (is_open, is_done)) in enumerate(work.items()):
        top, done, rest = 40 + 34 * place, 460 * is_done / most, 460 * is_open / most
        bars.append(
            f'<text x="130" y="{top + 16}" text-anchor="end">{escape(name.capitalize())}</text>'
            f'<rect x="140" y="{top}" width="{done:.1f}" height="22" fill="#2a7f62"/>'
            f'<rect x="{140 + done:.1f}" y="{top}" width="{rest:.1f}" height="22" fill="#c3e0d5"/>'
            f'<text x="{146 + done + rest:.1f}" y="{top + 16}">{is_done} of {is_done + is_open}</text>'
        )
    height = 60 + 34 * len(work)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" font-family="sans-serif" font-size="13">'
        f'<text x="140" y="24" font-weight="bold">Tasks of live projects: done, and open</text>{"".join(bars)}</svg>\n'
    )


def main(site: str = "http://127.0.0.1:8000", file: str = "open_data.svg") -> None:
    """Ask, draw, and say where the picture is."""
    work = work_by_category(projects(site))
    Path(file).write_text(picture(work), encoding="utf-8")
    print(f"{file}: {len(work)} domains, {sum(done for _, done in work.values())} tasks done")


if __name__ == "__main__":
    main(*sys.argv[1:3])
