"""The faults of a plan as they come: each lane is one line of them, and the lanes know nothing of each other."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import redis

from tests.chaos.chance import chance
from tests.chaos.fleet import SOCKETS, Worker
from tests.chaos.plan import ANY_MOMENT, CRASH, FLUSH, FROZEN, Death, Outage, Plan
from tests.chaos.scene import Scene
from tests.chaos.tally import Tally
from tests.chaos.watchers import Watcher

_LOOK = 0.02
#: Between the return of Redis and FLUSHALL: whoever is quick has joined its groups again by then.
_BEFORE_FLUSH = 0.5
#: Seconds between two clients who go to another server by themselves.
_WANDER_EVERY = 0.5


class Faults:
    """All that a plan does to a fleet, its ground and its clients, as deliveries are made."""

    def __init__(self, scene: Scene, plan: Plan, tally: Tally, watchers: Sequence[Watcher]) -> None:
        self._ground = scene.ground
        self._fleet = scene.fleet
        self._deliveries = scene.options.deliveries
        self._plan = plan
        self._tally = tally
        #: There are none before the servers are there.
        self._watchers = watchers
        self._luck = chance(scene.options.seed, "faults")

    def lanes(self) -> Iterator[Coroutine[Any, Any, None]]:
        """One coroutine a lane; each ends when its last fault is over, and all that it took is there again."""
        for role, places in self._plan.deaths.items():
            for deaths in places:
                yield self._keep(role, deaths)
        yield self._outages(self._plan.redis, self._redis_goes)
        yield self._outages(self._plan.postgres, self._postgres_goes)
        yield self._outages(self._plan.readers, self._somebody_stops_reading)

    async def wander(self) -> None:
        """Clients come and go, one after the other, so that no server stays without: else its fault would never come."""
        while True:
            await asyncio.sleep(_WANDER_EVERY)
            if servers := self._fleet.living(SOCKETS):
                self._luck.choice(self._watchers).move(self._luck.choice(servers))

    async def _keep(self, role: str, deaths: Sequence[Death]) -> None:
        """One place in the fleet: who dies there is followed by another, who dies later."""
        for death in deaths:
            if death.point == ANY_MOMENT:
                worker = await self._start(role)
                await self._reached(self._tally.deliveries + death.n)
                worker.kill()
            else:
                worker = await self._start(role, death)
            while worker.lives:
                await asyncio.sleep(_LOOK)
            self._tally.died(death.point if worker.is_killed else worker.died_at() or "by itself")
        await self._start(role)

    async def _start(self, role: str, death: Death | None = None) -> Worker:
        worker = await self._fleet.start(role, *((death.point, death.n) if death else ()))
        if role == SOCKETS:
            # As a proxy does that finds a new one: whoever lost a socket is elsewhere by now.
            for watcher in self._watchers:
                if self._luck.random() < 1 / len(self._fleet.living(SOCKETS)):
                    watcher.move(worker)
        return worker

    async def _outages(
        self, outages: Sequence[Outage], happen: Callable[[Outage], Coroutine[Any, Any, None]]
    ) -> None:
        for outage in outages:
            await self._reached(outage.share * self._deliveries)
            await happen(outage)

    async def _redis_goes(self, outage: Outage) -> None:
        # In a thread, as all that waits for a process: the clients go on meanwhile.
        await asyncio.to_thread(self._ground.redis.stop)
        self._happened("redis", outage.how)
        try:
            await asyncio.sleep(outage.seconds)
        finally:
            await asyncio.to_thread(self._ground.redis.start)
        if outage.how == FLUSH:
            await asyncio.sleep(_BEFORE_FLUSH)
            await asyncio.to_thread(_flush, self._ground.redis.url)

    async def _postgres_goes(self, outage: Outage) -> None:
        postgres = self._ground.postgres
        self._happened("postgres", outage.how)
        await asyncio.to_thread(postgres.crash if outage.how == CRASH else postgres.stop)
        try:
            await asyncio.sleep(outage.seconds)
        finally:
            # Also when the storm is given up: what was recorded is asked afterwards.
            await asyncio.to_thread(postgres.start)

    async def _somebody_stops_reading(self, outage: Outage) -> None:
        # Whoever has no socket now is passed over.
        while True:
            await asyncio.sleep(_LOOK)
            if not self._watchers:
                continue
            watcher = self._luck.choice(self._watchers)
            if watcher.freeze() if outage.how == FROZEN else watcher.stop_reading(outage.seconds):
                self._happened("reader", outage.how)
                return

    async def _reached(self, deliveries: float) -> None:
        while self._tally.deliveries < deliveries:
            await asyncio.sleep(_LOOK)

    def _happened(self, whom: str, how: str) -> None:
        self._tally.faults[f"{whom} {how}"] += 1
        self._tally.mark(whom, how)


def _flush(url: str) -> None:
    with redis.Redis.from_url(url, socket_timeout=5) as client:
        client.flushall()
