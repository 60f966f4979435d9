"""Followers in the process of the test, and events for them."""

import asyncio
import json
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, Self

from django.db import connection, transaction

from backend.accounts.models import Session
from backend.boards.events import TaskMoved, board_stream
from backend.core.events import record
from backend.core.models import RecordedEvent
from backend.core.refusals import Unauthenticated
from realtime.hub import hub_of_process
from realtime.subscription import Subscription
from schema.context import Asker, Standing
from schema.operations import prepare
from schema.preparing import BadRequest
from schema.subscriptions import Events, Missed, Wanted
from schema.tellings import Told, last, subscribed
from tests.asking import operations


class Following:
    """A client with one subscription, and what it was told; it follows from now on until it stops."""

    def __init__(self, asker: Asker | None, begin: Callable[[Self], Subscription]) -> None:
        self.asker = asker
        #: Whether it takes what it is told at once.
        self.outlet = SimpleNamespace(is_clear=True, look=lambda: None)
        self.told: list[Any] = []
        self.is_forbidden = False
        self.hub = hub_of_process()
        self.subscription: Subscription | None = None
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._follow(begin))

    async def _follow(self, begin: Callable[[Self], Subscription]) -> None:
        self.hub.enter(self)
        try:
            self.subscription = begin(self)
            await self.hub.follow(self.subscription)
        except BadRequest as refusal:
            self.told.append({"data": None, "errors": refusal.errors})
            self._over.set()

    def tell(self, subscription: Subscription, told: Told) -> None:
        """Remember it; the last ends the subscription."""
        said = json.loads(told.text)
        self.told.append({"data": None, "errors": said} if told.is_last else said)
        if told.is_last:
            self.hub.leave(subscription)
            self._over.set()

    def forbid(self) -> None:
        """Its session has ended."""
        self.is_forbidden = True
        if self.subscription and not self._over.is_set():
            self.tell(self.subscription, last(Unauthenticated()))

    async def hears(self, count: int, seconds: float = 5) -> list[Any]:
        """All that was told, as soon as it is so much; fails when it is not in time, or more."""
        await until(lambda: len(self.told) >= count or self._over.is_set(), seconds)
        if self._task.done():
            self._task.result()
        assert len(self.told) == count, f"{count} were due in {seconds} s, and told were {self.told}"
        return self.told

    async def ends(self, seconds: float = 5) -> list[Any]:
        """All that was told to somebody whose subscription ends by itself."""
        async with asyncio.timeout(seconds):
            await self._over.wait()
        return self.told

    def pause(self) -> None:
        """Read no more for now."""
        self.outlet.is_clear = False

    def read_on(self) -> None:
        """Read again."""
        self.outlet.is_clear = True
        assert self.subscription
        self.hub.go_on(self.subscription)

    async def stop(self) -> None:
        """Go away in the middle of it."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self.subscription:
            self.hub.leave(self.subscription)
        self.hub.exit(self)


class Numbers:
    """Tells of each event its number and its kind, and asks nobody."""

    def of(self, event: RecordedEvent | Missed, askers: Iterable[Asker | None]) -> dict[Asker | None, Told]:
        """The same to all."""
        return dict.fromkeys(askers, Told(json.dumps([event.seq, event.kind])))


class OpenTo(Wanted):
    """A stream that is everybody's."""

    def entitled(self, askers: Iterable[Asker | None]) -> set[Asker | None]:
        """All of them."""
        return {*askers}


def follow(board_id: int, after: int | None = 0) -> Following:
    """Follow the stream of a board at the hub, whatever it may be of."""
    wanted = OpenTo(Events(board_stream), board_id, board_stream(board_id), after)
    return Following(None, lambda client: Subscription(client, "1", wanted, NUMBERS))


def subscribe(session: Session | None, operation: str, **variables: object) -> Following:
    """Run one of our clients' subscriptions; what is told are its answers."""
    asker = asker_of(session) if session else None
    prepared = prepare(operations()[operation], variables, None)
    return Following(asker, lambda client: Subscription(client, "1", *subscribed(prepared, asker)))


def asker_of(session: Session) -> Asker:
    """Who asks by a session, as a door would know them."""
    user = session.user
    return Asker(
        session.pk,
        user.pk,
        Standing(user.is_staff, user.has_blocks),
        user.locale,
        session.expires_at.isoformat(),
        lambda _: user,
    )


NUMBERS: Any = Numbers()


async def tell(board_id: int, count: int = 1) -> None:
    """Record so many events on the stream of a board, each in a transaction of its own."""
    await apart(lambda: record_now(board_id, count))


def record_now(board_id: int, count: int = 1) -> None:
    """The same, in this thread."""
    for _ in range(count):
        with transaction.atomic():
            record(TaskMoved(board_id=board_id, task_id=0), by=None)


async def apart(act: Callable[[], Any]) -> Any:
    """Do something with the database in another thread, on a connection of its own."""

    def act_and_let_go() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return await asyncio.to_thread(act_and_let_go)


async def until(is_so: Callable[[], object], seconds: float = 5) -> None:
    """Wait until something is so; whoever needs it to be looks again."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_so() and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.005)


def seqs(following: Following) -> list[int]:
    """The numbers of the events that a follower of the hub was told."""
    return [seq for seq, _ in following.told]
