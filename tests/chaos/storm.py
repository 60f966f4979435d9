"""Everything at once: servers are killed, Redis and PostgreSQL go and come back, clients stop reading."""

import asyncio
import time
from dataclasses import dataclass, field

from tests.chaos.comparing import Difference
from tests.chaos.faults import Faults
from tests.chaos.ledger import Ledger, Recorded, numbers
from tests.chaos.plan import Plan, stalled_seconds
from tests.chaos.scene import Scene
from tests.chaos.tally import Tally
from tests.chaos.watchers import Watcher, all_watch, behind, differences

#: Writers wait while clients are, on average, so many events behind: it is the clients that are tried here.
_MOST_BEHIND = 100
_SILENT_SECONDS = 1.0
_PROGRESS_SECONDS = 3.0
_LOOK = 0.02


@dataclass
class Weather:
    """What came of a storm."""

    plan: Plan
    tally: Tally = field(default_factory=Tally)
    ledger: Ledger = field(default_factory=Ledger)
    rows: list[Recorded] = field(default_factory=list)
    difference: Difference = field(default_factory=Difference)
    #: From the last write until the last client had seen it, in seconds.
    catch_up: float = 0.0
    #: Whether all planned faults came and all deliveries were made in time.
    is_whole: bool = False


class Storm:
    """One storm over a fleet and some boards; `run` is all of it."""

    def __init__(self, scene: Scene, plan: Plan, *, silence: float | None = None) -> None:
        self._scene = scene
        self._options = scene.options
        #: Clients that hear nothing for so long have heard all that they will, the stalled ones too.
        self._silence = silence or stalled_seconds(scene.options) + 15
        self._weather = Weather(plan)
        self._watchers: list[Watcher] = []
        self._writers = scene.writers(self._weather.ledger)
        self._faults = Faults(scene, plan, self._weather.tally, self._watchers)

    async def run(self, *, from_the_head: bool = False) -> Weather:
        """The storm, and the calm behind it. `from_the_head`: no client begins in the past."""
        weather = self._weather
        try:
            async with asyncio.timeout(self._options.patience), asyncio.TaskGroup() as group:
                await self._pass_over(group, from_the_head=from_the_head)
        except TimeoutError:
            print(f"  given up after {self._options.patience:.0f} s", flush=True)
        weather.rows = await self._scene.recorded()
        weather.difference = differences(self._watchers, numbers(weather.rows))
        weather.tally.surprises = [
            worker.name for worker in self._scene.fleet.workers if worker.ended_by_itself()
        ]
        return weather

    async def _pass_over(self, group: asyncio.TaskGroup, *, from_the_head: bool) -> None:
        tally, options = self._weather.tally, self._options
        faults = [group.create_task(lane) for lane in self._faults.lanes()]
        await asyncio.gather(*(writer.begin() for writer in self._writers))
        self._watchers += self._scene.watchers(
            options.sockets, tally, heads=await self._scene.heads(), from_the_head=from_the_head
        )
        watching = [group.create_task(watcher.run()) for watcher in self._watchers]
        restless = [group.create_task(self._talk()), group.create_task(self._faults.wander())]
        await all_watch(self._watchers)
        writing = [group.create_task(writer.run(self._may_write)) for writer in self._writers]
        while tally.deliveries < options.deliveries or not all(fault.done() for fault in faults):
            await asyncio.sleep(_LOOK)
        for task in writing:
            task.cancel()
        self._weather.is_whole = True
        await self._calm()
        for task in (*watching, *restless):
            task.cancel()

    async def _calm(self) -> None:
        """Until every client has seen the last event of its board, or nothing comes any more."""
        begin = heard_at = time.monotonic()
        heads: dict[str, int] = {}
        told = -1
        # Asked anew at the end: what a writer asked as it stopped may be committed a moment later.
        while heads != (heads := await self._scene.heads()):
            while behind(self._watchers, heads) and time.monotonic() < heard_at + self._silence:
                if told != self._weather.tally.deliveries:
                    told, heard_at = self._weather.tally.deliveries, time.monotonic()
                await asyncio.sleep(_LOOK)
            self._weather.catch_up = time.monotonic() - begin
            await asyncio.sleep(1)

    def _may_write(self) -> bool:
        tally = self._weather.tally
        if time.monotonic() - tally.delivered_at > _SILENT_SECONDS:
            # There is nobody to wait for: what happens now is what they come back to.
            return True
        expected = self._weather.ledger.writes * self._options.sockets / self._options.boards
        return expected - tally.deliveries < _MOST_BEHIND * self._options.sockets

    async def _talk(self) -> None:
        before, tally = 0, self._weather.tally
        while True:
            await asyncio.sleep(_PROGRESS_SECONDS)
            made, before = tally.deliveries - before, tally.deliveries
            faults = ", ".join(f"{count} {what}" for what, count in sorted(tally.faults.items()))
            watching = sum(watcher.is_watching for watcher in self._watchers)
            print(
                f"  {tally.second:5.0f} s  {tally.deliveries:9,} deliveries {made / _PROGRESS_SECONDS:7,.0f}/s"
                f"  {tally.kills.total():3} killed  {watching:4} of {len(self._watchers)} sockets  {faults}",
                flush=True,
            )
