"""PostgreSQL away: whoever comes is asked to come again, and whoever is there loses nothing and hears nothing twice."""

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError

from backend.accounts.models import User
from backend.core.models import RecordedEvent
from realtime import event_streams, hub, log, sockets, watch
from realtime.database import ADMITTING, DatabaseThreads
from tests.asking import id_of, token_of
from tests.cast import Cast
from tests.realtime.following import apart, follow, seqs, tell, until
from tests.realtime.wires import Wire

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = 2**40 + 7
COME_AGAIN = (1013, "Try again later")


class Away(DatabaseThreads):
    """A database that is away for as long as it is told to."""

    def __init__(self) -> None:
        super().__init__("away", 1)
        self.is_away = True

    async def run(self, ask: Callable[[], Any]) -> Any:
        if self.is_away:
            raise OperationalError("the connection is gone")
        return await super().run(ask)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[Away]:
    """Where whoever comes is asked about."""
    from realtime import rights

    thread = Away()
    for module in (sockets, hub, rights, event_streams):
        assert module.ADMITTING is ADMITTING
        monkeypatch.setattr(module, "ADMITTING", thread)
    yield thread
    thread.close()


@pytest.mark.parametrize("moment", ["when it greets", "when it subscribes", "at its second subscription"])
async def test_whoever_comes_is_asked_to_come_again(racing_cast: Cast, away: Away, moment: str):
    token = await apart(lambda: token_of(User.objects.get(handle="cy")))
    at = hub.hub_of_process()
    async with Wire() as wire:
        if moment == "when it greets":
            wire.say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
        else:
            away.is_away = False
            await wire.greet(token)
            if moment == "at its second subscription":
                wire.subscribe("first", "NotificationsLive")
                await wire.is_read()
            away.is_away = True
            wire.subscribe("1", "BoardLive", boardId=id_of(racing_cast.board))
        assert await wire.ending() == COME_AGAIN
        assert (at._watched, at._clients, at._of_person, at._presence._here) == ({}, {}, {}, {})

    # And as soon as it is back, all is well.
    away.is_away = False
    async with Wire() as wire:
        await wire.greet(token)
        wire.subscribe("1", "BoardLive", boardId=id_of(racing_cast.board))
        await wire.is_read()
        await tell(racing_cast.board.pk)
        await wire.until(lambda: any(each["type"] == "next" for each in wire.came))


@pytest.mark.parametrize("failing", ["after", "head"])
async def test_while_the_log_cannot_be_read_nothing_is_lost_or_repeated(
    monkeypatch: pytest.MonkeyPatch, failing: str
):
    monkeypatch.setattr(watch, "PAUSE", 0.02)
    monkeypatch.setattr(log, "BATCH", 2)
    first, behind = follow(BOARD), follow(BOARD)
    await tell(BOARD, 3)
    await first.hears(3)
    read, draw, failures = getattr(log, failing), random.Random(7), []  # noqa: S311

    def fail_at_times(*asked: Any) -> Any:
        if draw.random() < 0.4:
            failures.append(asked)
            raise OperationalError("the connection is gone")
        return read(*asked)

    monkeypatch.setattr(log, failing, fail_at_times)
    behind.pause()
    for _ in range(4):
        await tell(BOARD, 3)
    behind.read_on()
    for follower in (first, behind):
        await follower.hears(15)
    assert len(failures) >= 2

    monkeypatch.setattr(log, failing, read)
    await tell(BOARD)
    for follower in (first, behind):
        await follower.hears(16)
        assert seqs(follower) == [*range(1, 17)]


async def test_while_it_is_away_for_long_it_is_not_asked_all_the_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watch, "PAUSE", 0.1)
    follower = follow(BOARD)
    await tell(BOARD)
    await follower.hears(1)
    read, asked = log.after, []

    def fail(stream: str, seq: int) -> list[RecordedEvent]:
        asked.append(seq)
        raise OperationalError("the connection is gone")

    monkeypatch.setattr(log, "after", fail)
    await tell(BOARD, 5)
    await asyncio.sleep(0.55)
    assert 3 <= len(asked) <= 8
    monkeypatch.setattr(log, "after", read)
    await follower.hears(6)

    assert seqs(follower) == [*range(1, 7)]


async def test_a_client_that_is_told_of_it_is_not_forgotten_by_the_guard(
    monkeypatch: pytest.MonkeyPatch, away: Away
):
    """The look at who has lost a right fails, and is tried again: not once and for all."""
    monkeypatch.setattr(hub, "GUARD", 0.02)
    away.is_away = False
    follower = follow(BOARD)
    await tell(BOARD)
    await follower.hears(1)
    away.is_away = True
    await asyncio.sleep(0.1)
    away.is_away = False
    looks: list[int] = []
    settle = hub.hub_of_process()._rights.settle

    async def count(head: int) -> None:
        looks.append(head)
        await settle(head)

    monkeypatch.setattr(hub.hub_of_process()._rights, "settle", count)
    await until(lambda: looks)
    assert looks
