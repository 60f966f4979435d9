"""One stream that somebody here follows: its log is read once, and told to all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django import db

from backend.core.events import RIGHTS
from backend.core.models import RecordedEvent
from realtime import log as event_log
from realtime.database import TELLING
from realtime.subscription import Subscription
from schema.context import Asker
from schema.subscriptions import Missed
from schema.tellings import Telling, Told

log = logging.getLogger(__name__)

#: Deliveries after which others have their turn on the event loop.
TURN = 250
#: Whoever has missed more events than this is told to load anew: that is quicker for them too.
MOST_BEHIND = 10_000
#: Seconds to wait for a database that is away.
PAUSE = 0.5


class RightsKeeper(Protocol):
    """Whoever knows who has lost what; the hub."""

    async def settle_rights(self, head: int) -> None:
        """Whoever has lost a right by this number of the stream of rights is told nothing more."""
        ...


@dataclass(frozen=True, slots=True)
class _Saying:
    """One event, made into what each is told who has seen the one before it; `Missed`, also who has seen less."""

    event: RecordedEvent | Missed
    first: int
    last: int
    said: dict[Telling, dict[Asker | None, Told]]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one look at the log has found."""

    sayings: Sequence[_Saying] = ()
    #: Where the stream is, as far as was read.
    position: int = 0
    #: Whether there may be more.
    is_full: bool = False
    #: Where the stream of rights was when all of it was made.
    rights: int = 0


class Watch:
    """The followers of a stream, and the one task that tells them, for as long as there is something to tell."""

    def __init__(self, stream: str, keeper: RightsKeeper) -> None:
        self.stream = stream
        self.followers: set[Subscription] = set()
        self.keeper = keeper
        self.is_dirty = False
        self._telling: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """There may be something new, or somebody who can hear again."""
        self.is_dirty = True
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell_while_there_is())

    def poked(self, seq: int) -> None:
        """Something may have happened, up to this number."""
        self.wake()

    async def admit(self, subscription: Subscription, head: int) -> Told | None:
        """Find its place, where the stream stands at `head`; what it is told first, if it cannot have what it asks for."""
        raise NotImplementedError

    async def tell_all(self) -> None:
        """Tell whoever is ready what they have not seen."""
        raise NotImplementedError

    async def _tell_while_there_is(self) -> None:
        try:
            while self.is_dirty:
                self.is_dirty = False
                try:
                    await self.tell_all()
                except Exception as error:
                    # Nobody has skipped anything.
                    if isinstance(error, db.Error):
                        log.warning("%s could not be read (%r); trying again", self.stream, error)
                    else:
                        log.exception("%s could not be told; trying again", self.stream)
                    self.is_dirty = True
                    await asyncio.sleep(PAUSE)
        finally:
            self._telling = None


class LogWatch(Watch):
    """The followers of a stream of the log."""

    def __init__(self, stream: str, keeper: RightsKeeper) -> None:
        super().__init__(stream, keeper)
        #: The number of the newest event that was read.
        self.position = 0

    def poked(self, seq: int) -> None:
        """Measured by what was read and not by what was told before: a poke proves nothing, not even a number."""
        if seq > self.position:
            self.wake()

    async def admit(self, subscription: Subscription, head: int) -> Told | None:
        """Behind the event that it names, or at the end; it is told so when it has missed too much."""
        after = subscription.wanted.after
        subscription.seen = head if after is None else after
        if not 0 <= head - subscription.seen <= MOST_BEHIND:
            # Too far behind; or a cursor from a future that is gone, after a restored backup.
            missed, asker = Missed(self.stream, head), subscription.asker
            said = await TELLING.run(lambda: subscription.telling.of(missed, [asker]))
            subscription.seen = head
            return said[asker]
        return None

    async def tell_all(self) -> None:
        """Those who are with it first; whoever comes from far behind catches up a batch at a time."""
        is_full = True
        while is_full:
            ready = [each for each in self.followers if each.is_ready]
            if not ready:
                return
            places = {each.seen for each in ready}
            newest, oldest = max(places), min(places)
            first = ready if newest == oldest else [each for each in ready if each.seen == newest]
            is_full = await self._tell_from(newest, first)
            if oldest < newest:
                await self._tell_from(oldest, ready)
                is_full = True

    async def _tell_from(self, place: int, followers: Sequence[Subscription]) -> bool:
        """Tell a batch from one number on to those who are there or before its end; whether there may be more."""
        # They are read in the other thread as they are: where they are in the stream, nobody moves but this task.
        reading = await TELLING.run(lambda: _read(self.stream, place, followers))
        self.position = max(self.position, reading.position)
        if not reading.sayings:
            return False
        await self.keeper.settle_rights(reading.rights)
        for saying in reading.sayings:
            turn, seq = TURN, saying.event.seq
            for each in followers:
                # Else it has it already; or could not be told one before it, and so must not be told this.
                if not (saying.first <= each.seen <= saying.last and each.is_ready):
                    continue
                if (said := saying.said.get(each.telling)) is None or not each.wanted.tells(saying.event):
                    each.seen = seq
                elif told := said.get(each.asker):
                    each.seen = seq
                    each.tell(told)
                else:
                    # Its rights were asked anew since it was read, and it is told at the next look.
                    self.is_dirty = True
                turn -= 1
                if not turn:
                    turn = TURN
                    await asyncio.sleep(0)
        return reading.is_full


def _read(stream: str, place: int, followers: Sequence[Subscription]) -> _Reading:
    events = event_log.after(stream, place)
    if not _is_next(events, place):
        # Before the events, not after them: what commits in between would look as if it were gone.
        head = event_log.head(stream)
        if head <= place:
            return _Reading(position=head)
        events = event_log.after(stream, place)
    if _is_next(events, place):
        sayings = [_saying(event, event.seq - 1, event.seq - 1, followers) for event in events]
        position, is_full = events[-1].seq, len(events) == event_log.BATCH
    else:
        position, is_full = head, False
        kept = events[0].seq if events else head + 1
        sayings = [_saying(Missed(stream, head), place, kept - 2, followers)]
    # Last: a right that was lost before any of this was read is lost by this number.
    return _Reading(sayings, position, is_full, event_log.head(RIGHTS))


def _is_next(events: Sequence[RecordedEvent], place: int) -> bool:
    return bool(events) and events[0].seq == place + 1


def _saying(
    event: RecordedEvent | Missed, first: int, last: int, followers: Sequence[Subscription]
) -> _Saying:
    askers: dict[Telling, dict[Asker | None, None]] = {}
    for each in followers:
        # Whoever is further behind comes here event by event.
        if each.seen <= last and each.wanted.tells(event):
            try:
                askers[each.telling][each.asker] = None
            except KeyError:
                askers[each.telling] = {each.asker: None}
    return _Saying(event, first, last, {telling: telling.of(event, its) for telling, its in askers.items()})
