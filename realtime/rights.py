"""Who has lost a right since it was asked last, and so is told nothing more."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Protocol

from backend.core.events import RIGHTS
from backend.core.models import RecordedEvent
from backend.core.refusals import NotFound
from realtime import log as event_log
from realtime.database import ADMITTING
from realtime.subscription import Client, Subscription
from schema.context import Asker
from schema.sessions import current
from schema.subscriptions import Wanted
from schema.tellings import last


class Everybody(Protocol):
    """All who are told something here; the hub."""

    @property
    def clients(self) -> Iterator[Client]:
        """Those who are connected."""
        ...

    def enter(self, client: Client) -> None:
        """One is there, until its session ends."""
        ...

    def knows(self, client: Client) -> bool:
        """Whether it is there."""
        ...

    @property
    def subscriptions(self) -> Iterator[Subscription]:
        """What they follow."""
        ...


class Rights:
    """Reads the stream on which the database itself tells that rights were lost, and asks those anew whom it touches.

    An event that commits after a right was lost is read by a statement that finds both: so whoever is about to tell
    something calls `settle` with the number that it found, and tells it then.
    """

    def __init__(self, everybody: Everybody) -> None:
        self._everybody = everybody
        self._settled: int | None = None
        self._lock = asyncio.Lock()

    async def begin(self) -> None:
        """Whatever is lost from now on is noticed; called before the first right is asked."""
        if self._settled is None:
            async with self._lock:
                if self._settled is None:
                    self._settled = await ADMITTING.run(lambda: event_log.head(RIGHTS))

    async def settle(self, head: int) -> None:
        """Everybody who has lost something by this number of the stream is told so, and nothing later."""
        await self.begin()
        if self._settled is None or head <= self._settled:
            return
        async with self._lock:
            while head > self._settled:
                losses = await ADMITTING.run(partial(event_log.after, RIGHTS, self._settled))
                await self._ask_anew(_Touched(losses, self._settled))
                self._settled = losses[-1].seq if losses else head

    async def _ask_anew(self, touched: _Touched) -> None:
        clients = [each for each in self._everybody.clients if each.asker and touched.has(each.asker)]
        theirs = [each for each in self._everybody.subscriptions if touched.has(each.asker)]
        askers = [each.asker for each in clients if each.asker]
        now, entitled = await ADMITTING.run(lambda: _answers(askers, theirs))
        for client in clients:
            if not self._everybody.knows(client) or client.asker is None:
                continue  # It has left meanwhile.
            if client.asker.key in now:
                client.asker = now[client.asker.key]
                self._everybody.enter(client)
            else:
                client.forbid()
        for subscription in theirs:
            if subscription.asker:
                if subscription.asker.key not in now:
                    continue  # It has ended with its client.
                subscription.asker = now[subscription.asker.key]
            if subscription not in entitled:
                subscription.tell(last(NotFound()))


class _Touched:
    """Whom some losses touch: a session or a program's key, all of a person, or whoever it may be."""

    def __init__(self, losses: Sequence[RecordedEvent], since: int) -> None:
        facts = [each.facts for each in losses]
        self._facts = {fact for each in facts for fact in each.items()}
        # Of losses that are not in the log any more nobody knows whom they touched.
        are_all_known = bool(losses) and losses[0].seq == since + 1
        self._is_everybody = not are_all_known or not all(facts)

    def has(self, asker: Asker | None) -> bool:
        """Whether it may be one of them."""
        if self._is_everybody:
            return True
        return asker is not None and not self._facts.isdisjoint({asker.key, ("user_id", asker.user_id)})


def _answers(
    askers: Sequence[Asker], subscriptions: Sequence[Subscription]
) -> tuple[dict[tuple[str, int], Asker], set[Subscription]]:
    """Those whose session still lets them in, as they are now; and what they may still be told."""
    now = current(askers)
    entitled: set[Subscription] = set()
    by_wanted: dict[Wanted, dict[Asker | None, list[Subscription]]] = defaultdict(lambda: defaultdict(list))
    for each in subscriptions:
        if each.asker is None or each.asker.key in now:
            who = each.asker and now[each.asker.key]
            by_wanted[_without_place(each.wanted)][who].append(each)
    for wanted, those in by_wanted.items():
        for who in wanted.entitled(those):
            entitled.update(those[who])
    return now, entitled


def _without_place(wanted: Wanted) -> Wanted:
    return Wanted(wanted.source, wanted.thing, wanted.stream, None)
