"""The sockets of the client, and the ledger in which they write down what came."""

import asyncio
import json
import time
from typing import Any, cast

from tests.bench.live import frames
from tests.bench.live.data import token
from tests.bench.live.events import OPERATION, event_in, global_id, place_of

_SHOWN = 5


class Arrived:
    """One event, and when each of its deliveries came, on the clock that all processes of a machine share."""

    __slots__ = ("board", "seq", "times")

    def __init__(self, board: int, seq: int) -> None:
        self.board = board
        self.seq = seq
        self.times: list[int] = []


class Ledger:
    """What came on all sockets."""

    def __init__(self) -> None:
        #: By the bytes of the message: most are the same on many sockets, and read once.
        self.known: dict[bytes, Arrived] = {}
        self.events: dict[tuple[int, int], Arrived] = {}
        #: The first things that were no event, or not one of this board, or a socket's end.
        self.strange: list[str] = []
        self.deliveries = self.wrong = self.bytes = self.first = self.last = 0

    def begin(self) -> None:
        """Count from here on."""
        self.known.clear()
        self.events.clear()
        self.deliveries = self.wrong = self.bytes = self.first = self.last = 0

    def learn(self, message: bytes) -> Arrived | None:
        """The event of a message whose bytes are new."""
        event = event_in(message)
        if event is None:
            self.complain(message.decode(errors="replace"))
            return None
        place = place_of(event["cursor"])
        arrived = self.events.get(place) or Arrived(*place)
        self.known[message] = self.events[place] = arrived
        return arrived

    def complain(self, words: str) -> None:
        """Keep the first few words of what should not have come."""
        self.wrong += 1
        if len(self.strange) < _SHOWN:
            self.strange.append(words[:1000])


class Socket(asyncio.Protocol):
    """One socket, which holds each event of its board to the one before."""

    def __init__(self, ledger: Ledger, port: int, board: int, viewer: int, document: str | None) -> None:
        self.ledger = ledger
        self.port = port
        self.board = board
        self.viewer = viewer
        self.document = document
        #: The number of the last event; None before the first.
        self.seq: int | None = None
        self.rest = b""
        self.is_over = False
        #: Done when it is subscribed, as far as a client can know.
        self.opened: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the socket: with a document it speaks GraphQL, without one the path says the board."""
        self.transport = cast(asyncio.Transport, transport)
        path, subprotocol = (
            ("/graphql", "graphql-transport-ws") if self.document else (f"/{self.board}", None)
        )
        self.transport.write(frames.handshake(self.port, path, subprotocol))

    def data_received(self, data: bytes) -> None:
        """Whatever came: the answer to the handshake, then frames."""
        now = time.monotonic_ns()
        if self.rest:
            data = self.rest + data
        if self.opened is not None and data.startswith(b"HTTP/"):
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            self._shaken(head)
        found, self.rest = frames.split(data)
        for first, payload in found:
            if first == frames.TEXT and self.opened is None:
                self._count(payload, now)
            else:
                self._obey(first, payload)

    def connection_lost(self, error: Exception | None) -> None:
        """A socket that ends by itself is not what was asked for."""
        if not self.is_over:
            self.ledger.complain(f"the socket of viewer {self.viewer} ended: {error}")
        if self.opened and not self.opened.done():
            self.opened.set_exception(ConnectionError(f"refused: {self.ledger.strange}"))

    def hang_up(self) -> None:
        """End it from this side."""
        self.is_over = True
        self.transport.close()

    def _count(self, message: bytes, now: int) -> None:
        ledger = self.ledger
        arrived = ledger.known.get(message) or ledger.learn(message)
        if arrived is None:
            return
        seq = arrived.seq
        if arrived.board != self.board or (self.seq is not None and seq <= self.seq):
            # Another board's, told twice, or out of order. One that is left out is found missing in the sum.
            ledger.complain(f"{seq} of board {arrived.board} after {self.seq} of board {self.board}")
            return
        self.seq = seq
        arrived.times.append(now)
        ledger.deliveries += 1
        ledger.bytes += len(message)
        ledger.first = ledger.first or now
        ledger.last = now

    def _shaken(self, head: bytes) -> None:
        if b" 101 " not in head.partition(b"\r\n")[0]:
            self.ledger.complain(head.decode(errors="replace"))
            self.transport.close()
        elif self.document is None:
            self._open()
        else:
            self._say(type="connection_init", payload={"Authorization": f"Bearer {token(self.viewer)}"})

    def _obey(self, first: int, payload: bytes) -> None:
        if first == frames.PING:
            self.transport.write(frames.pong(payload))
        elif first == frames.TEXT and json.loads(payload) == {"type": "connection_ack"}:
            variables = {"boardId": global_id("Board", self.board)}
            asked = {"query": self.document, "variables": variables, "operationName": "Live"}
            self._say(id=OPERATION, type="subscribe", payload=asked)
            self._open()
        else:
            self.ledger.complain(f"{first:#x} {payload.decode(errors='replace')}")

    def _open(self) -> None:
        if self.opened and not self.opened.done():
            self.opened.set_result(None)
        self.opened = None

    def _say(self, **message: Any) -> None:
        self.transport.write(frames.text(json.dumps(message).encode()))
