"""A server dies exactly between the commit of an event and its poke: how late do those who watch hear of it?"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.chaos.chance import chance
from tests.chaos.comparing import Difference
from tests.chaos.door import NoAnswer
from tests.chaos.fleet import SOCKETS, Worker
from tests.chaos.ledger import Ledger, numbers
from tests.chaos.points import AFTER_COMMIT
from tests.chaos.scene import Scene
from tests.chaos.tally import Tally
from tests.chaos.watchers import Watcher, all_watch, differences
from tests.chaos.writers import Writer

#: Nobody is sent to these but who is to see them die.
DOOMED = "doomed"
#: Boards on which somebody dies at the same time.
_AT_ONCE = 3
_PATIENCE = 30.0
_LOOK = 0.005


@dataclass
class Silences:
    """What came of the deaths: for each, how long after it the last of its watchers was told."""

    delays: list[float] = field(default_factory=list)
    #: Deaths whose event was not told to all in time, or not committed at all.
    failures: int = 0
    difference: Difference = field(default_factory=Difference)
    tally: Tally = field(default_factory=Tally)


async def between(scene: Scene) -> Silences:
    """So many servers die one after the other, each with an event that it could not tell of."""
    silences, options = Silences(), scene.options
    await scene.fleet.ensure(SOCKETS, options.serving)
    watchers = scene.watchers(options.sockets, silences.tally)
    async with asyncio.TaskGroup() as group:
        watching = [group.create_task(watcher.run()) for watcher in watchers]
        await all_watch(watchers)
        lanes = min(_AT_ONCE, len(scene.boards), options.between)
        dying = [
            group.create_task(
                _die_in_turn(scene, lane, len(range(lane, options.between, lanes)), watchers, silences)
            )
            for lane in range(lanes)
        ]
        await asyncio.wait(dying)
        for task in watching:
            task.cancel()
    silences.difference = differences(watchers, numbers(await scene.recorded()))
    return silences


async def _die_in_turn(
    scene: Scene, lane: int, deaths: int, watchers: Sequence[Watcher], silences: Silences
) -> None:
    # A board of its own: nobody else's poke may heal what this one's would have told.
    mine = [watcher for watcher in watchers if watcher.board == scene.boards[lane]]
    for _ in range(deaths):
        await _die(scene, await scene.fleet.start(DOOMED, AFTER_COMMIT, 1), mine, silences)
        if (count := len(silences.delays)) % 10 == 0:
            print(
                f"  {count} deaths, the longest silence {max(silences.delays, default=0):.2f} s", flush=True
            )


async def _die(scene: Scene, worker: Worker, watchers: Sequence[Watcher], silences: Silences) -> None:
    """One server dies with an event of the board of these watchers."""
    board = watchers[0].board
    before = (await scene.heads()).get(board.stream, 0)
    luck = chance(scene.options.seed, worker.name)
    writer = Writer(scene.tokens[0], [board], lambda: [worker], Ledger(), luck)
    try:
        await writer.create(board)
    except NoAnswer:
        died = time.monotonic()
    else:
        silences.failures += 1
        return
    silences.tally.died(AFTER_COMMIT)
    head = (await scene.heads()).get(board.stream, 0)
    while any(watcher.seen < head for watcher in watchers) and time.monotonic() < died + _PATIENCE:
        await asyncio.sleep(_LOOK)
    is_told = all(watcher.seen == head for watcher in watchers)
    if head == before + 1 and is_told and worker.died_at() == AFTER_COMMIT:
        silences.delays.append(time.monotonic() - died)
    else:
        silences.failures += 1
