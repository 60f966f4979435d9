"""The way out to one client: everything in order, nothing kept but endings, and an end to patience."""

import asyncio
import logging
from typing import Any

import pytest

from realtime import outlets
from realtime.outlets import Message, Outlet


class Protocol:
    """A server's side of a connection, as uvicorn has one: its `send` waits as often as it is told to."""

    def __init__(self, waits: int = 0, error: Exception | None = None) -> None:
        #: How often a message waits before it is sent, and what it fails with then.
        self.waits, self.error = waits, error
        self.sent: list[Any] = []
        self.transport = self
        self.is_aborted = self.closes = False
        #: Bytes that are written and have not left.
        self.unsent = 0
        self._turn: asyncio.Future[None] | None = None

    async def send(self, message: Message) -> None:
        for _ in range(self.waits):
            self._turn = asyncio.get_running_loop().create_future()
            await self._turn
        if self.error:
            raise self.error
        self.sent.append(message)

    def go_on(self) -> None:
        """What waits goes on, to where it waits next or fails."""
        assert self._turn
        self._turn.set_result(None)

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.closes

    def abort(self) -> None:
        """Whoever waits learns that the client is gone."""
        self.is_aborted = True
        self.error = ConnectionResetError()
        if self._turn:
            self._turn.set_exception(self.error)


class Client:
    """An outlet, and how often it has said that it is clear."""

    def __init__(self, protocol: Protocol) -> None:
        self.clear = 0
        self.outlet = Outlet(protocol.send, self._count)

    def put(self, *names: str) -> None:
        for name in names:
            self.outlet.put({"type": name})

    def _count(self) -> None:
        self.clear += 1


def names(protocol: Protocol) -> list[str]:
    return [message["type"] for message in protocol.sent]


async def test_what_can_leave_at_once_does():
    protocol = Protocol()
    client = Client(protocol)
    client.put("a", "b")

    # Already, and not in the next turn of the loop.
    assert names(protocol) == ["a", "b"]
    assert client.outlet.is_clear and client.clear == 0 and len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("waits", [1, 2, 5])
async def test_what_must_wait_leaves_in_order_however_often_it_waits(waits: int):
    protocol = Protocol(waits)
    client = Client(protocol)
    client.put("a", "ending", "close")

    assert not client.outlet.is_clear
    for _ in range(3 * waits):
        assert client.clear == 0
        protocol.go_on()
        await turns()
    assert names(protocol) == ["a", "ending", "close"]
    assert client.outlet.is_clear and client.clear == 1
    protocol.waits = 0
    client.put("b")
    assert names(protocol)[3:] == ["b"]


async def test_whoever_waits_for_it_to_be_clear_is_woken_when_it_is():
    protocol = Protocol(1)
    client = Client(protocol)
    await client.outlet.cleared()
    client.put("a", "b")
    waiting = asyncio.create_task(client.outlet.cleared())
    protocol.go_on()
    await turns()
    # The second waits in its turn.
    assert not waiting.done() and names(protocol) == ["a"]
    protocol.go_on()
    await turns()

    assert waiting.done() and names(protocol) == ["a", "b"]


async def test_a_client_that_has_gone_is_told_nothing_more():
    protocol = Protocol(error=ConnectionResetError())
    client = Client(protocol)
    client.put("a")
    protocol.error = None
    client.put("b")

    assert client.outlet.is_gone and protocol.sent == []


async def test_a_server_that_has_closed_by_itself_is_a_client_that_has_gone(caplog: pytest.LogCaptureFixture):
    """uvicorn's word after pings that nobody answers, or a frame that is too large; the hub must not hear of it."""
    protocol = Protocol(error=RuntimeError("Unexpected ASGI message 'websocket.send'"))
    client = Client(protocol)
    client.put("a", "b")

    assert client.outlet.is_gone and protocol.sent == []
    assert [record.levelno for record in caplog.records if record.levelno > logging.INFO] == []


@pytest.mark.parametrize("error", [ConnectionResetError(), RuntimeError("closed"), ValueError("a bug")])
async def test_one_that_goes_while_a_message_waits_is_told_nothing_more(error: Exception):
    protocol = Protocol(2)
    client = Client(protocol)
    client.put("a", "b")
    protocol.go_on()
    await turns()
    protocol.error = error
    protocol.go_on()
    await turns()

    assert client.outlet.is_gone and protocol.sent == []
    assert client.outlet.is_clear, "whoever waits for it to be clear would wait for ever"
    await asyncio.wait_for(client.outlet.cleared(), 1)
    client.put("c")
    assert protocol.sent == []


async def test_patience_ends_with_the_connection(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outlets, "PATIENCE", 0.05)
    protocol = Protocol(1)
    client = Client(protocol)
    client.put("a", "b")
    begin = asyncio.get_running_loop().time()
    await asyncio.wait_for(client.outlet.cleared(), 1)

    assert protocol.is_aborted and client.outlet.is_gone and protocol.sent == []
    assert 0.04 < asyncio.get_running_loop().time() - begin < 0.5


async def test_whoever_reads_again_in_time_is_not_cut_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outlets, "PATIENCE", 0.1)
    protocol = Protocol(1)
    client = Client(protocol)
    for name in ("a", "b", "c"):
        client.put(name)
        await asyncio.sleep(0.06)
        protocol.go_on()
        await client.outlet.cleared()
    await asyncio.sleep(0.15)

    assert names(protocol) == ["a", "b", "c"] and not protocol.is_aborted and not client.outlet.is_gone


async def test_patience_with_a_server_that_cannot_be_cut_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    """Not every `send` is a protocol's: a test's, or another server's."""
    monkeypatch.setattr(outlets, "PATIENCE", 0.01)
    turn, sent = asyncio.Event(), []

    async def send(message: Message) -> None:
        await turn.wait()
        sent.append(message["type"])

    outlet = Outlet(send, lambda: None)
    outlet.put({"type": "a"})
    await asyncio.sleep(0.05)
    turn.set()
    await asyncio.wait_for(outlet.cleared(), 1)

    assert sent == ["a"] and not outlet.is_gone


async def test_closing_drops_what_waits_and_leaves_no_task(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outlets, "PATIENCE", 0.05)
    protocol = Protocol(1)
    client = Client(protocol)
    client.put("a", "b")
    client.outlet.close()
    client.put("c")
    await turns()

    assert protocol.sent == [] and client.clear == 0
    assert len(asyncio.all_tasks()) == 1
    await asyncio.sleep(0.1)
    assert not protocol.is_aborted


@pytest.mark.parametrize(
    ("unsent", "closes", "is_cut"), [(1, True, True), (0, True, False), (1, False, False)]
)
async def test_whoever_leaves_its_closing_unread_is_cut(
    monkeypatch: pytest.MonkeyPatch, unsent: int, closes: bool, is_cut: bool
):
    """Unless all has left, or HTTP has another use for the connection by then."""
    monkeypatch.setattr(outlets, "PATIENCE", 0.02)
    protocol = Protocol()
    client = Client(protocol)
    client.put("close")
    protocol.unsent = unsent
    client.outlet.close()
    protocol.closes = closes
    assert not protocol.is_aborted
    await asyncio.sleep(0.06)

    assert protocol.is_aborted is is_cut


async def turns() -> None:
    """Let everybody have their turn who is ready."""
    for _ in range(10):
        await asyncio.sleep(0)
