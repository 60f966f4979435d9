"""Whoever stops to read hurts nobody else, is let go, and comes back to all that it has missed."""

import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from backend.boards.models import Task
from realtime.outlets import PATIENCE
from schema.ids import from_global_id, to_global_id
from tests.clients import make_board, sign_up
from tests.live.deaf import Deaf
from tests.live.log import Log
from tests.serving import LIVE, House, Process, eventually
from tests.sockets import Socket

READERS, EVENTS, ROUND = 10, 3_000, 300
MIB = 1024 * 1024

#: An event with what makes it some KiB.
LARGE = """
    subscription ($boardId: ID!, $after: String) {
      boardEvents(boardId: $boardId, after: $after) {
        cursor
        ... on TaskMoved { task { body } }
      }
    }
"""


@pytest.fixture
def board(house: House) -> str:
    """The id of a board that everybody may see, of one task with a long description."""
    return make_board(house.servers[0], sign_up(house.servers[0], "ana"))


@pytest.fixture
def log(house: House, board: str) -> Log:
    """Its events, each about the task."""
    pk = from_global_id(board, "Board")[1]
    task = Task.objects.using(LIVE).create(
        board_id=pk, number=1, title="Dig", position=1.0, body="agua " * 1000
    )

    return Log(board, to_global_id("Task", task.pk))


def test_ten_who_do_not_read_cost_little_and_hold_up_nobody(house: House, board: str, log: Log):
    with house.one_more_server() as server, Socket(server) as other, ExitStack() as stack:
        everything = hear(other, board, log.cursor(0))
        log.tell(ROUND)
        other.events(everything, ROUND)
        opened, before = server.open_files(), memory(server)
        deaf = [
            stack.enter_context(Deaf(server, LARGE, boardId=board, after=log.cursor(ROUND)))
            for _ in range(READERS)
        ]
        begin = time.monotonic()
        for _ in range(EVENTS // ROUND):
            log.tell(ROUND)
            told = other.events(everything, ROUND, seconds=5)
        assert log.number(told[-1]["cursor"]) == EVENTS + ROUND
        assert time.monotonic() - begin < PATIENCE, "they were not there all the while"
        assert server.open_files() == opened + READERS
        grown = memory(server) - before
        assert grown < 8 * MIB, f"{grown / MIB:.1f} MiB"

        eventually(lambda: server.open_files() == opened, PATIENCE + 5)
        assert time.monotonic() - begin < 30
        other.is_alive()
        read = deaf[0].read_to_the_end()
    seen = [log.number(each["payload"]["data"]["boardEvents"]["cursor"]) for each in read if "id" in each]
    assert 0 < len(seen) < EVENTS
    with Socket(house.servers[0]) as back:
        rest = back.events(hear(back, board, log.cursor(seen[-1])), EVENTS + ROUND - seen[-1], seconds=20)
        back.stays_quiet(0.2)
    assert seen + [log.number(each["cursor"]) for each in rest] == [*range(ROUND + 1, EVENTS + ROUND + 1)]


def test_one_that_the_server_has_closed_and_that_reads_nothing_holds_up_nobody(
    house: House, board: str, log: Log
):
    """After pings that it did not answer; uvicorn then waits until all is read, and tells nobody that it does."""
    Task.objects.using(LIVE).update(body="agua " * 10_000)
    taken = taken_unread() // 50_000
    log.tell(taken + 10)
    impatient = ("--ws-ping-interval", "1", "--ws-ping-timeout", "1")
    with house.one_more_server(*impatient) as server, Socket(server) as other, ExitStack() as stack:
        everything = hear(other, board, log.cursor(taken + 9))
        other.events(everything, 1)
        opened = server.open_files()
        # One of them at least has left so little behind with uvicorn that it does not wait before it sends more.
        for after in range(20):
            stack.enter_context(Deaf(server, LARGE, boardId=board, after=log.cursor(after)))
        eventually(lambda: server.open_files() == opened + 20)
        # Until the pings are missed: then whoever has left nothing behind is gone, and the others are closed but there.
        eventually(lambda: server.open_files() < opened + 20)
        other.is_alive()
        for _ in range(10):
            begin = time.monotonic()
            log.tell()
            other.events(everything, 1)
            assert time.monotonic() - begin < 0.4
        assert server.open_files() > opened, "none of them is there any more"
        eventually(lambda: server.open_files() == opened, PATIENCE + 5)


def taken_unread() -> int:
    """Bytes that this system takes for somebody who reads none of them."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(server.getsockname())
        writer, _ = server.accept()
        with writer:
            writer.setblocking(False)
            taken = 0
            with suppress(BlockingIOError):
                while True:
                    taken += writer.send(bytes(1024))
    return taken


def hear(client: Socket, board: str, after: str) -> str:
    """Follow a board with large events; the id of the subscription."""
    client.say(
        type="subscribe",
        id="large",
        payload={"query": LARGE, "variables": {"boardId": board, "after": after}},
    )
    return "large"


def memory(process: Process) -> int:
    """Bytes of it that are in memory."""
    pages = int(Path(f"/proc/{process.popen.pid}/statm").read_text().split()[1])
    return pages * 4096
