"""The scenarios, one after the other on the same ground, and what is left of them in `bench/`."""

import asyncio
import importlib.util
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop
from django.db import connection

from config.local.processes import Stopped
from tests.chaos.between import between
from tests.chaos.fleet import Fleet
from tests.chaos.ground import Ground
from tests.chaos.herd import herd
from tests.chaos.options import BETWEEN, CONTROL, HERD, STORM, Options, small
from tests.chaos.picture import draw
from tests.chaos.plan import drawn
from tests.chaos.report import Found, bars, write_json
from tests.chaos.scene import Scene
from tests.chaos.storm import Storm, Weather
from tests.chaos.world import Board, World


def ran(ground: Ground, options: Options) -> int:
    """0 when every promise is kept, 1 when one is not; what was found is written down, and then the logs too."""
    results = options.results
    logs = ground.folder / "logs"
    logs.mkdir()
    world = World()
    people = world.people(options.writers)
    boards = {
        name: world.boards(small(options).boards if name == CONTROL else options.boards)
        for name in options.only
    }
    connection.close()
    found = _run(ground, options, boards, people, logs)
    judged = bars(found, options)
    print("", *judged, sep="\n")
    is_kept = all(bar.is_kept for bar in judged)
    results.mkdir(exist_ok=True)
    write_json(results / "chaos.json", found, judged, options)
    written = [results / "chaos.json"]
    # matplotlib is there for `make chaos`, and not for `make test`.
    if STORM in found and importlib.util.find_spec("matplotlib"):
        draw(results / "chaos.png", found[STORM].tally, found[STORM].difference)
        written.append(results / "chaos.png")
    if not is_kept:
        shutil.rmtree(results / "chaos-logs", ignore_errors=True)
        written.append(shutil.copytree(logs, results / "chaos-logs"))
    print(f"Written: {', '.join(map(str, written))}", flush=True)
    return 0 if is_kept else 1


def _run(
    ground: Ground, options: Options, boards: dict[str, list[Board]], people: list[str], logs: Path
) -> Found:
    heard: list[int] = []

    async def run() -> Found:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task

        def end(number: int) -> None:
            heard.append(number)
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # An exception raised by a signal would end whichever task it met, and no other.
            loop.add_signal_handler(number, end, number)
        return await _found(ground, options, boards, people, logs)

    try:
        return uvloop.run(run())
    except asyncio.CancelledError:
        raise Stopped(heard[0]) from None


async def _found(
    ground: Ground, options: Options, boards: dict[str, list[Board]], people: list[str], logs: Path
) -> Found:
    found: Found = {}
    with _fleet(Fleet(ground.environment, logs, options.ping)) as fleet:

        def scene(name: str, size: str) -> Scene:
            print(f"{name}: {size}", flush=True)
            return Scene(ground, fleet, options, boards[name], people)

        if STORM in boards:
            size = f"{options.sockets} sockets on {options.boards} boards"
            found[STORM] = await _storm(scene(STORM, size))
        if BETWEEN in boards:
            found[BETWEEN] = await between(scene(BETWEEN, f"{options.between} deaths"))
        if HERD in boards:
            found[HERD] = await herd(scene(HERD, f"{options.herd} clients on one process"))
    if CONTROL in boards:
        naive = ground.environment | {"DJANGO_SETTINGS_MODULE": "tests.chaos.control_settings"}
        with _fleet(Fleet(naive, logs, options.ping, "tests.chaos.control:application")) as fleet:
            found[CONTROL] = await _control(Scene(ground, fleet, small(options), boards[CONTROL], people))
    return found


async def _storm(scene: Scene) -> Weather:
    plan = drawn(scene.options)
    for line in plan.lines():
        print(f"  {line}", flush=True)
    return await Storm(scene, plan).run()


async def _control(scene: Scene) -> Weather:
    print(f"{CONTROL}: a naive server under the same faults", flush=True)
    return await Storm(scene, drawn(scene.options), silence=1.5).run(from_the_head=True)


@contextmanager
def _fleet(fleet: Fleet) -> Iterator[Fleet]:
    try:
        yield fleet
    finally:
        fleet.end()
