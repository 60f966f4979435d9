"""`make test` is shared by processes (pytest-xdist): each has a PostgreSQL and a Redis of its own, and whole files.

Loaded with `-p tests.sharing`, before anything reads the environment.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

#: What one process runs without a break, begun before all else. What stands for these tests is made once, and no two of
#: those that start servers, and wait for them, are at work at the same time.
UNITS = {
    "servers": tuple(
        f"tests/{each}/" for each in ("live", "conformance", "catalogue", "realtime", "chaos", "bench")
    ),
    # In the world of its conftest.
    "matrix": ("tests/matrix/",),
}
#: Where each process writes what it ran, in that order: a failure that comes by order is played again with `--as-ran`.
RAN = Path(__file__).parent.parent / ".local"

WORKER = os.environ.get("PYTEST_XDIST_WORKER")

if WORKER:
    # config/local/test.py started them; without its own a process would empty those of another.
    for _name in ("DATABASE_URL", "REDIS_URL", "MEDIA_FOLDER"):
        os.environ[_name] = os.environ[f"{_name}_{WORKER}"]


class WholeFiles(LoadScopeScheduling):
    """Hands out `UNITS`, then file after file in the order that the seed gives."""

    def schedule(self) -> None:
        """Begin, or hand out more."""
        if self.collection is None and self.registered_collections:
            ids = next(iter(self.registered_collections.values()))
            self._units = dict(zip(ids, units_of(ids), strict=True))
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._units[nodeid]

    def _assign_work_unit(self, node: WorkerController) -> None:
        for name in reversed(UNITS):
            if name in self.workqueue:
                self.workqueue.move_to_end(name, last=False)
        super()._assign_work_unit(node)


def units_of(ids: Sequence[str]) -> list[str]:
    """The unit of each test, in their order."""
    found: list[str] = []
    # pytest-django puts tests that commit behind all others, so a file may come twice.
    number, before = 0, ""
    for each in ids:
        path = each.partition("::")[0]
        if path != before:
            number, before = number + 1, path
        found.append(
            next((name for name, places in UNITS.items() if path.startswith(places)), f"{path} {number}")
        )
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    """The hook of pytest."""
    parser.addoption("--as-ran", type=Path, help="run the tests of this file, one a line, in its order")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> WholeFiles:
    """The hook of pytest-xdist."""
    return WholeFiles(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The hook of pytest: after those who shuffle and sort."""
    if ran := config.getoption("as_ran"):
        places = {nodeid: place for place, nodeid in enumerate(ran.read_text().splitlines())}
        items[:] = sorted(
            (each for each in items if each.nodeid in places), key=lambda each: places[each.nodeid]
        )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart(nodeid: str) -> None:
    """The hook of pytest: a test begins."""
    if WORKER:
        with (RAN / f"ran-{WORKER}.txt").open("a") as ran:
            ran.write(f"{nodeid}\n")


def pytest_sessionstart() -> None:
    """The hook of pytest: nothing has been run yet."""
    if WORKER:
        RAN.mkdir(exist_ok=True)
        (RAN / f"ran-{WORKER}.txt").write_text("")
