"""The client must see what a server does wrong: else nothing lost is only nothing noticed."""

from typing import Any

import pytest

from tests.bench.live import frames
from tests.bench.live.events import frame, told_by_peers
from tests.bench.live.sockets import Ledger, Socket

SHAKEN = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


class Wire:
    """A transport that goes nowhere."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        pass


@pytest.fixture
async def socket() -> Any:
    socket = Socket(Ledger(), 80, 7, 0, None)
    socket.connection_made(Wire())  # type: ignore[arg-type]
    socket.data_received(SHAKEN)
    return socket


def told(*numbers: int, board: int = 7) -> bytes:
    """The frames in which a server tells these events."""
    messages = (frame(told_by_peers(board, number, number)) for number in numbers)
    return b"".join(bytes((frames.TEXT, 126)) + len(each).to_bytes(2, "big") + each for each in messages)


async def test_events_in_order_are_counted_with_their_times(socket: Socket) -> None:
    socket.data_received(told(3, 4) + told(5))

    assert (socket.ledger.deliveries, socket.ledger.wrong, socket.seq) == (3, 0, 5)
    assert [len(event.times) for event in socket.ledger.events.values()] == [1, 1, 1]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
async def test_frames_may_come_in_any_pieces(socket: Socket, size: int) -> None:
    data = told(1, 2, 3)

    for at in range(0, len(data), size):
        socket.data_received(data[at : at + size])

    assert (socket.ledger.deliveries, socket.ledger.wrong, socket.rest) == (3, 0, b"")


@pytest.mark.parametrize("numbers", [(1, 1), (2, 1), (1, 3, 2)])
async def test_what_comes_twice_or_too_late_is_wrong(socket: Socket, numbers: tuple[int, ...]) -> None:
    socket.data_received(told(*numbers))

    assert (socket.ledger.deliveries, socket.ledger.wrong) == (len(numbers) - 1, 1)


async def test_an_event_of_another_board_is_wrong(socket: Socket) -> None:
    socket.data_received(told(1, board=8))

    assert (socket.ledger.deliveries, socket.ledger.wrong) == (0, 1)


async def test_what_is_left_out_is_missing_in_the_sum(socket: Socket) -> None:
    socket.data_received(told(1, 3))

    assert (socket.ledger.deliveries, socket.ledger.wrong) == (2, 0)


@pytest.mark.parametrize(
    "message",
    [
        b'{"type":"complete","id":"1"}',
        b'{"type":"next","id":"1","payload":{"errors":[{"message":"no"}],"data":null}}',
        frame(told_by_peers(7, 1, 1) | {"__typename": "ResyncRequired"}),
    ],
)
async def test_what_is_no_event_is_wrong_and_kept(socket: Socket, message: bytes) -> None:
    socket.ledger.learn(message)

    assert (socket.ledger.wrong, socket.ledger.strange) == (1, [message.decode()])


async def test_a_ping_is_answered_and_an_end_is_wrong(socket: Socket) -> None:
    socket.data_received(bytes((frames.PING, 2)) + b"hi")
    assert socket.transport.written[-1] == frames.pong(b"hi")  # type: ignore[attr-defined]

    socket.data_received(bytes((frames.CLOSE, 2)) + b"\x03\xe8")
    assert socket.ledger.wrong == 1


async def test_a_line_that_breaks_is_wrong_unless_we_hung_up(socket: Socket) -> None:
    socket.connection_lost(None)
    assert socket.ledger.wrong == 1

    socket.hang_up()
    socket.connection_lost(None)
    assert socket.ledger.wrong == 1
