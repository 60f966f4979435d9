"""Whether all servers say the same, before it matters how quickly they say it."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.bench.read.queries import QUERIES, Query, pk_of
from tests.bench.read.servers import Postgraphile, Server

#: How many sets of variables are compared; every third viewer follows what they look at.
ASKED = range(0, 600, 31)


def refuse_differences(servers: Sequence[Server], queries: Sequence[Query], sizes: Mapping[str, int]) -> None:
    """Compares all answers with the first server's. Raises `SystemExit` with the first difference."""
    clients = {server.name: server.connect() for server in servers}
    for query in queries:
        for k in ASKED:
            answers = {name: client.ask(query, k, sizes) for name, client in clients.items()}
            reference, *others = answers
            for name, answer in answers.items():
                if "errors" in answer or "data" not in answer:
                    raise SystemExit(
                        f"{name} refuses {query.name} of viewer {k}: {json.dumps(answer)[:2000]}"
                    )
            for name in others:
                # Beside the data the project says what it cost.
                mine, theirs = answers[reference]["data"], answers[name]["data"]
                if name == Postgraphile.name:
                    mine, theirs = content(mine), content(theirs)
                if difference := first_difference(mine, theirs):
                    place, one, other = difference
                    raise SystemExit(
                        f"{query.name} of viewer {k}, {query.variables(k, dict(sizes))}: at {place or 'the top'}\n"
                        f"  {reference:13}{one}\n  {name:13}{other}"
                    )
        verdict = "the same" if len(servers) > 1 else "answered, with nobody to compare to,"
        print(f"  {query.name:13}{verdict} for {len(ASKED)} sets of variables", flush=True)


def first_difference(one: Any, other: Any, place: str = "") -> tuple[str, str, str] | None:
    """Where two answers part, and what stands there in each; None for equals, names and numbers of the same type."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        parts = [(f"{place}.{name}", one[name], other[name]) for name in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        parts = [(f"{place}[{index}]", *pair) for index, pair in enumerate(zip(one, other, strict=True))]
    elif isinstance(one, bool) == isinstance(other, bool) and one == other:
        return None
    else:
        return place, _shown(one), _shown(other)
    return next((found for part in parts if (found := first_difference(part[1], part[2], part[0]))), None)


def content(value: Any) -> Any:
    """What an answer says, without how ids, cursors and moments are spelled, nor the ways that lead to it."""
    if isinstance(value, list):
        return [content(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "viewer" in value:
        return content(value["viewer"])
    if "update" in value:
        return content(value["update"])
    said = {name: each for name, each in value.items() if name not in _SPELLING}
    if said.get("bodyHtml") == "":
        # PostGraphile still shows who said it.
        said["author"] = None
    return {name: _plain(name, each) for name, each in said.items()}


_SPELLING = ("cursor", "endCursor", "head", "__typename")


def _plain(name: str, value: Any) -> Any:
    if name == "id":
        return int(value) if value.isdecimal() else pk_of(value)
    if name.endswith("At") and value:
        return datetime.fromisoformat(value)
    return content(value)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object with {', '.join(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = json.dumps(value, default=str)
    try:
        # A cursor is easier to read by what it says.
        return (
            f"{text}, which says {base64.urlsafe_b64decode(value + '=' * (-len(value) % 4)).decode('ascii')}"
        )
    except (TypeError, ValueError):
        return text


def queries_named(names: str) -> list[Query]:
    """The queries of a list with commas; all for nothing. Raises `SystemExit` for a name that is none."""
    if unknown := [name for name in names.split(",") if name and name not in QUERIES]:
        raise SystemExit(f"There is no query {unknown[0]!r}; there are {', '.join(QUERIES)}.")
    return [query for query in QUERIES.values() if not names or query.name in names.split(",")]
