"""How long it takes to decide on documents: `python -m tests.bench.guard.deciding WAY COUNT SEED ROUNDS` prints JSON."""

import contextlib
import gc
import json
import os
import re
import signal
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

#: Seconds by the clock after which a document is given up. Not of the processor: while such a timer runs, Linux counts the
#: processor's time in ticks of some milliseconds.
GIVEN_UP = 1.0


class GivenUp(BaseException):
    """A document takes too long."""


def main(way: str, count: int, seed: int, rounds: int) -> dict[str, Any]:
    """The median processor time of each document in milliseconds, and how much the process has grown by them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.schema.hostile import written
    from tests.schema.hostile.generated import generated

    decide, forget = WAYS[way]()
    documents = [each.document for each in written()] + [*generated(seed, count)]
    names = [each.name for each in written()]
    # The first documents fill what is filled once.
    for document in documents[:20]:
        _timed(decide, document)
    gc.collect()
    gc.freeze()
    before = _megabytes()
    took: list[list[float]] = [[] for _ in documents]
    for _ in range(rounds):
        forget()
        for times, document in zip(took, documents, strict=True):
            # One that was given up is not asked again.
            if times[-1:] != [GIVEN_UP * 1000]:
                times.append(_timed(decide, document))
    medians = [statistics.median(times) for times in took]
    worst = sorted(range(len(documents)), key=lambda number: -medians[number])[:10]
    return {
        "milliseconds": [round(each, 3) for each in medians],
        "grown_megabytes": round(_megabytes() - before, 1),
        "worst": [
            {"milliseconds": round(medians[each], 2), "document": _called(each, names, documents)}
            for each in worst
        ],
    }


def _called(number: int, names: list[str], documents: list[str]) -> str:
    return names[number] if number < len(names) else documents[number][:120].encode(errors="replace").decode()


def _timed(decide: Callable[[str], None], document: str) -> float:
    signal.setitimer(signal.ITIMER_REAL, GIVEN_UP)
    begin = time.process_time()
    try:
        decide(document)
    except GivenUp:
        return GIVEN_UP * 1000
    finally:
        took = time.process_time() - begin
        signal.setitimer(signal.ITIMER_REAL, 0)
    return took * 1000


def _ours() -> tuple[Callable[[str], None], Callable[[], None]]:
    from schema import operations

    def decide(document: str) -> None:
        with contextlib.suppress(operations.BadRequest):
            operations.prepare(document, None, None)

    return decide, operations.reader.documents._kept.clear


def _strawberrys() -> tuple[Callable[[str], None], Callable[[], None]]:
    """As strawberry does with both of its limiters, at our limits; what it keeps of documents is off."""
    from graphql import GraphQLError, parse, specified_rules, validate
    from strawberry.extensions.max_aliases import create_validator as aliases
    from strawberry.extensions.query_depth_limiter import create_validator as depth

    from schema.guard import LIMITS
    from schema.operations import core

    rules = [*specified_rules, aliases(LIMITS.aliases), depth(LIMITS.depth, None, None)]

    def decide(document: str) -> None:
        # A fragment that is nowhere is a KeyError to it, which a server would answer as a bug of its own.
        with contextlib.suppress(GraphQLError, RecursionError, KeyError):
            validate(core, parse(document, max_tokens=1_000), rules)

    return decide, lambda: None


def _counted_out() -> tuple[Callable[[str], None], Callable[[], None]]:
    """The control: fields counted by walking into every spread."""
    from graphql import FragmentDefinitionNode, FragmentSpreadNode, GraphQLError, parse

    def decide(document: str) -> None:
        with contextlib.suppress(GraphQLError, RecursionError, KeyError):
            parsed = parse(document, max_tokens=1_000)
            fragments = {
                each.name.value: each
                for each in parsed.definitions
                if isinstance(each, FragmentDefinitionNode)
            }

            def fields(node: Any) -> int:
                if isinstance(node, FragmentSpreadNode):
                    node = fragments[node.name.value]
                inner = getattr(node, "selection_set", None)
                return 1 + (sum(map(fields, inner.selections)) if inner else 0)

            for definition in parsed.definitions:
                fields(definition)

    return decide, lambda: None


WAYS = {"acequia": _ours, "strawberry": _strawberrys, "counted out": _counted_out}


def _megabytes() -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _give_up(*_: object) -> None:
    raise GivenUp


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, _give_up)
    way, *numbers = sys.argv[1:]
    print(json.dumps(main(way, *map(int, numbers))))
