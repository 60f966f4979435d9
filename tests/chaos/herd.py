"""A process with very many clients dies: do all of them come back in time, and does anybody else notice?"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tests.chaos.chance import chance
from tests.chaos.comparing import Difference
from tests.chaos.door import Door, NoAnswer
from tests.chaos.fleet import HTTP, SOCKETS, Fleet
from tests.chaos.ground import Ground
from tests.chaos.ledger import Ledger, numbers
from tests.chaos.scene import Scene
from tests.chaos.tally import Tally, percentile
from tests.chaos.watchers import Watcher, behind, differences

PROBE = "{ projects(first: 3) { edges { node { slug title } } } }"
_PROBE_EVERY = 0.05
_PATIENCE = 120.0
_LOOK = 0.02


@dataclass
class Stampede:
    """What came of a herd."""

    clients: int
    #: From the death until a client was told of what happened after it, in seconds.
    resumes: list[float] = field(default_factory=list)
    #: What others waited for a small question meanwhile, in seconds.
    waits: list[float] = field(default_factory=list)
    #: Why there was no answer, and how often.
    unanswered: Counter[str] = field(default_factory=Counter)
    most_connections: int = 0
    difference: Difference = field(default_factory=Difference)
    tally: Tally = field(default_factory=Tally)


async def herd(scene: Scene) -> Stampede:
    """All clients are on one process, which dies; the others have them all, until another is started in its place."""
    options, fleet = scene.options, scene.fleet
    stampede = Stampede(options.herd)
    # New ones: a connection that died with PostgreSQL costs whoever meets it an answer, and that is not the herd's doing.
    for worker in scene.writing():
        worker.kill()
    await fleet.ensure(HTTP, options.writing)
    await fleet.ensure(SOCKETS, options.serving)
    victim, *_ = scene.serving()
    watchers = scene.watchers(
        options.herd, stampede.tally, servers=lambda: [victim] if victim.lives else scene.serving()
    )
    writer, *_ = scene.writers(Ledger())
    async with asyncio.TaskGroup() as group:
        watching = [group.create_task(watcher.run()) for watcher in watchers]
        await writer.begin()
        await _all_told(scene, watchers)
        meanwhile = [
            group.create_task(_probe(group, scene, stampede)),
            group.create_task(_count(scene.ground, stampede)),
        ]
        victim.kill()
        stampede.tally.died("herd")
        died = time.monotonic()
        meanwhile.append(group.create_task(_replace(fleet)))
        for board in scene.boards:
            await writer.insist(writer.move, board)
        heads = await scene.heads()
        away = set(watchers)
        while away and time.monotonic() < died + _PATIENCE:
            await asyncio.sleep(_LOOK)
            back = {watcher for watcher in away if watcher.seen >= heads[watcher.board.stream]}
            stampede.resumes += [time.monotonic() - died] * len(back)
            away -= back
        for task in (*watching, *meanwhile):
            task.cancel()
    stampede.difference = differences(watchers, numbers(await scene.recorded()))
    print(
        f"  {len(stampede.resumes)} back, the last after {max(stampede.resumes, default=0):.1f} s;"
        f" others waited {percentile(stampede.waits, 0.99) * 1000:.0f} ms (p99)",
        flush=True,
    )
    return stampede


async def _replace(fleet: Fleet) -> None:
    await fleet.start(SOCKETS)


async def _all_told(scene: Scene, watchers: Sequence[Watcher]) -> None:
    heads = await scene.heads()
    deadline = time.monotonic() + _PATIENCE
    while behind(watchers, heads):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{behind(watchers, heads)} events did not come to a herd at rest")
        await asyncio.sleep(_LOOK)


async def _probe(group: asyncio.TaskGroup, scene: Scene, stampede: Stampede) -> None:
    # Each at its time, whether those before it are answered or not: else a long wait would hide the others.
    idle: list[Door] = []
    due = time.monotonic()

    async def ask(begin: float) -> None:
        door = idle.pop() if idle else Door(scene.writing, chance(scene.options.seed, "probe"))
        try:
            await door.ask(PROBE, {})
        except NoAnswer as silence:
            stampede.unanswered[str(silence)] += 1
        stampede.waits.append(time.monotonic() - begin)
        idle.append(door)

    while True:
        group.create_task(ask(due))
        due += _PROBE_EVERY
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _count(ground: Ground, stampede: Stampede) -> None:
    while True:
        with suppress(OSError):
            found = await asyncio.to_thread(ground.connections)
            stampede.most_connections = max(stampede.most_connections, found)
        await asyncio.sleep(0.2)
