from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from weakref import WeakKeyDictionary

from backend.core.events import RIGHTS, heads
from backend.core.refusals import NotFound
from realtime import log as event_log
from realtime.database import ADMITTING, TELLING
from realtime.pokes import Pokes
from realtime.presence import RENEW, Presence
from realtime.presence_watch import PresenceWatch
from realtime.rights import Rights
from realtime.subscription import Client, Subscription
from realtime.watch import LogWatch, Watch
from schema.errors import words_of
from schema.subscriptions import Presence as PresenceSource
from schema.subscriptions import Wanted
from schema.tellings import refused

log = logging.getLogger(__name__)

#: Seconds between two looks at the heads of all watched streams: by so much is an event late whose poke was lost.
SWEEP = 3.0
#: Seconds between two looks at whether somebody has lost a right, and whose session is over.
GUARD = 1.0
#: Seconds between two looks at whether the server itself has given up a client.
LOOK = 10.0
#: Subscriptions of one person here, on however many sockets.
MOST_OF_ONE_PERSON = 200

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub_of_process() -> Hub:
    """The one hub of this process (of its event loop), made when it is first needed."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


class Hub:
    """Tells all who follow a stream here what is new in its log, once and in order.

    The row is the truth and a poke only a nudge: every `SWEEP` seconds one statement asks for the heads of all watched
    streams, so with Redis away events come late, and none is lost.
    """

    def __init__(self) -> None:
        self._watched: dict[str, Watch] = {}
        #: And when their sessions end by themselves.
        self._clients: dict[Client, float] = {}
        self._of_person: Counter[int] = Counter()
        self._pokes = Pokes(self._poked)
        self._rights = Rights(self)
        self._presence = Presence(self._pokes.say)
        # Kept, because a task that nobody refers to may be collected while it runs.
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def clients(self) -> Iterator[Client]:
        """All that are connected and have said who they are."""
        return iter(self._clients)

    @property
    def subscriptions(self) -> Iterator[Subscription]:
        """All of them, also those that are not admitted yet."""
        return (each for watch in self._watched.values() for each in watch.followers)

    async def begin(self) -> None:
        """Whatever right is lost from now on is noticed; awaited before it is asked who a client is."""
        await self._rights.begin()

    def enter(self, client: Client) -> None:
        """A client is there: if its session ends, it is told."""
        self._clients[client] = client.asker.expires_at.timestamp() if client.asker else math.inf
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._sweep()),
                asyncio.create_task(self._guard()),
                asyncio.create_task(self._look()),
                asyncio.create_task(self._keep_present()),
            ]

    def exit(self, client: Client) -> None:
        """A client has left; its subscriptions are left one by one."""
        self._clients.pop(client, None)

    def knows(self, client: Client) -> bool:
        """Whether it has entered."""
        return client in self._clients

    def has_room_for(self, client: Client) -> bool:
        """Whether the person may follow one thing more."""
        return client.asker is None or self._of_person[client.asker.user_id] < MOST_OF_ONE_PERSON

    async def follow(self, subscription: Subscription) -> None:
        """Tell it what came after the event that it names, and then what comes.

        Raises `BadRequest` when they may not, `django.db.Error` when PostgreSQL cannot be asked.
        """
        wanted, asker = subscription.wanted, subscription.asker
        # Listen first, read then: what commits in between is told by both, and read once.
        watch = self._watched.get(wanted.stream) or self._watch(wanted)
        watch.followers.add(subscription)
        if asker:
            self._of_person[asker.user_id] += 1
        try:
            await self._rights.begin()
            head, is_entitled = await self._ask(subscription)
            while subscription.asker is not subscription.client.asker:
                # Their rights were being asked anew, for what they followed before this: it is asked by who they were.
                subscription.asker = subscription.client.asker
                head, is_entitled = await self._ask(subscription)
            if subscription not in watch.followers:
                return  # It was left, or forbidden, meanwhile.
            if not is_entitled:
                raise refused(NotFound())
            missed = await watch.admit(subscription, head)
            if subscription not in watch.followers:
                return
            if missed:
                subscription.tell(missed)
            subscription.is_live = True
            if asker and wanted.place:
                self._presence.enter(wanted.place, asker.user_id)
            watch.wake()
        except BaseException:
            self.leave(subscription)
            raise

    def leave(self, subscription: Subscription) -> None:
        """Tell it nothing more."""
        wanted, asker = subscription.wanted, subscription.asker
        if subscription.is_live and asker and wanted.place:
            self._presence.leave(wanted.place, asker.user_id)
        subscription.is_live = False
        watch = self._watched.get(wanted.stream)
        if watch is None or subscription not in watch.followers:
            return
        watch.followers.discard(subscription)
        if asker:
            self._of_person[asker.user_id] -= 1
            if not self._of_person[asker.user_id]:
                del self._of_person[asker.user_id]
        if not watch.followers:
            del self._watched[watch.stream]
            self._pokes.forget(watch.stream)

    def go_on(self, subscription: Subscription) -> None:
        """Its client reads again."""
        if watch := self._watched.get(subscription.wanted.stream):
            watch.wake()

    async def settle_rights(self, head: int) -> None:
        """Whoever has lost a right by this number of the stream of rights is told nothing more."""
        await self._rights.settle(head)

    async def _ask(self, subscription: Subscription) -> tuple[int, bool]:
        """Where its stream is, and whether they may follow it."""
        wanted, asker = subscription.wanted, subscription.asker
        return await ADMITTING.run(lambda: (event_log.head(wanted.stream), asker in wanted.entitled([asker])))

    def _watch(self, wanted: Wanted) -> Watch:
        stream = wanted.stream
        of_log = not isinstance(wanted.source, PresenceSource)
        watch = LogWatch(stream, self) if of_log else PresenceWatch(stream, self, self._presence)
        self._watched[stream] = watch
        self._pokes.hear(stream)
        return watch

    def _poked(self, stream: str, seq: int) -> None:
        if watch := self._watched.get(stream):
            watch.poked(seq)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            with _tried_again():
                self._pokes.settle()
                of_log = [each.stream for each in self._watched.values() if isinstance(each, LogWatch)]
                found = await TELLING.run(partial(heads, of_log))
                for stream, seq in found.items():
                    self._poked(stream, seq)

    async def _guard(self) -> None:
        while True:
            await asyncio.sleep(GUARD)
            with _tried_again():
                await self._rights.settle(await ADMITTING.run(lambda: event_log.head(RIGHTS)))
            now = time.time()
            for client in [each for each, ends_at in self._clients.items() if ends_at <= now]:
                client.forbid()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            for client in self._clients:
                client.outlet.look()

    async def _keep_present(self) -> None:
        while True:
            await asyncio.sleep(RENEW)
            with _tried_again():
                await self._presence.renew()
            for watch in [*self._watched.values()]:
                if isinstance(watch, PresenceWatch):
                    # A process that died says nothing: its people go when nobody renews them.
                    watch.wake()


@contextlib.contextmanager
def _tried_again() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        log.warning("something could not be looked at (%s); trying again", words_of(error))
