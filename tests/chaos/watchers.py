"""Clients that watch a board: they resume after the last cursor they saw, and keep what they were told."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from schema import cursors
from tests.chaos.comparing import Difference, compared
from tests.chaos.fleet import Worker
from tests.chaos.tally import Tally
from tests.chaos.world import Board

SUBSCRIPTION = """
subscription Watch($boardId: ID!, $after: String) {
  boardEvents(boardId: $boardId, after: $after) {
    __typename cursor occurredAt
    ... on TaskCreated { task { id } }
    ... on TaskMoved { task { id } }
    ... on TaskClaimed { task { id } }
    ... on ClaimReleased { task { id } reason }
    ... on ResyncRequired { reason }
  }
}
"""
#: The longest wait before the first attempt to come back, and before any.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 5.0
_HANDSHAKE_SECONDS = 20.0
#: A socket that ends so soon after its client read again was closed because it did not.
_AT_ONCE = 2.0


class Ended(Exception):
    """The server ended the subscription; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Watcher:
    """One client of one board, for as long as `run` runs."""

    def __init__(
        self,
        board: Board,
        after: int,
        servers: Callable[[], Sequence[Worker]],
        tally: Tally,
        chance: Random,
    ) -> None:
        self.board = board
        self.after = after
        #: The numbers of what it was told, in the order in which it came.
        self.received: list[int] = []
        #: Whether it has a subscription that the server knows of.
        self.is_watching = False
        #: Set when it has had one.
        self.has_watched = asyncio.Event()
        self._cursor = cursors.encode(board.stream, after)
        self._servers = servers
        self._tally = tally
        self._chance = chance
        self._connection: ClientConnection | None = None
        self._attempt = asyncio.timeout(None)
        self._frozen: list[ClientConnection] = []
        self._server: Worker | None = None
        self._goes_to: Worker | None = None
        self._lost_at: float | None = None
        self._reads_again_at: float | None = None

    @property
    def seen(self) -> int:
        """The number of the last event that it saw."""
        return self.received[-1] if self.received else self.after

    def difference(self, recorded: Sequence[int]) -> Difference:
        """How what it was told differs from the events of its board."""
        return compared(self.received, recorded, after=self.after)

    async def run(self) -> None:
        """Watch, and come back whenever that ends, until cancelled."""
        pause = FIRST_PAUSE
        try:
            while True:
                told = len(self.received)
                ending = await self._watch()
                self._tally.endings[ending] += 1
                self.is_watching = False
                self._lost_at = self._lost_at or time.monotonic()
                if len(self.received) > told:
                    pause = FIRST_PAUSE
                await asyncio.sleep(self._chance.uniform(0, pause))
                pause = min(LONGEST_PAUSE, pause * 2)
        finally:
            for connection in self._frozen:
                connection.transport.abort()

    def stop_reading(self, seconds: float) -> bool:
        """From now on it reads nothing, and answers no ping, for so long; false when it has no socket."""
        if self._connection is None or not self.is_watching or self._is_slow():
            return False
        transport = self._connection.transport
        transport.pause_reading()
        self._reads_again_at = time.monotonic() + seconds
        asyncio.get_running_loop().call_later(seconds, transport.resume_reading)
        return True

    def freeze(self) -> bool:
        """Its socket stays open and is never read again, as of a laptop that was shut; it comes back with another."""
        if self._connection is None or not self.is_watching:
            return False
        self._connection.transport.pause_reading()
        self._frozen.append(self._connection)
        self._give_up()
        return True

    def move(self, server: Worker) -> None:
        """It lets its socket fall and comes back at this server, as when a proxy finds a new one."""
        # Whoever does not read does not go either: it is for the server to give it up.
        if self._connection and self.is_watching and not self._is_slow():
            self._goes_to = server
            self._give_up()

    def _is_slow(self) -> bool:
        return self._reads_again_at is not None and time.monotonic() < self._reads_again_at + _AT_ONCE

    def _give_up(self) -> None:
        self._attempt.reschedule(asyncio.get_running_loop().time())

    async def _watch(self) -> str:
        """One socket, to its end; how it ended."""
        try:
            async with asyncio.timeout(None) as self._attempt:
                await self._follow()
        except Ended as ending:
            return ending.code
        except TimeoutError:
            if self._goes_to:
                return "moved"
            return "frozen" if self._connection in self._frozen else "no handshake"
        except (OSError, WebSocketException) as error:
            if self._is_slow() and self._server and self._server.lives:
                return "closed as slow"
            return type(error).__name__
        finally:
            self._reads_again_at = None
            if self._connection and self._connection not in self._frozen:
                self._connection.transport.abort()
            self._connection = None
        return "unreachable"

    async def _follow(self) -> None:
        server, self._goes_to = self._goes_to, None
        if server is None or not server.lives:
            server = self._chance.choice(self._servers() or [None])
        if server is None:
            raise Ended("no server")
        self._server = server
        async with asyncio.timeout(_HANDSHAKE_SECONDS):
            connection = await connect(
                server.ws,
                subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
                proxy=None,
                compression=None,
                # All that has come is read at once: to read slowly is the business of `stop_reading`.
                max_queue=None,
                ping_interval=None,
            )
            self._connection = connection
            await self._say(type="connection_init")
            await self._hear(connection)
            variables = {"boardId": self.board.id, "after": self._cursor}
            payload = {"query": SUBSCRIPTION, "variables": variables}
            await self._say(type="subscribe", id="watch", payload=payload)
            # Its answer says that the server has read what was before it.
            await self._say(type="ping")
        while True:
            await self._hear(connection)

    async def _say(self, **message: Any) -> None:
        assert self._connection
        await self._connection.send(orjson.dumps(message).decode())

    async def _hear(self, connection: ClientConnection) -> None:
        message = orjson.loads(await connection.recv())
        match message["type"]:
            case "next":
                self._take(message["payload"]["data"]["boardEvents"])
            case "pong":
                self.is_watching = True
                self.has_watched.set()
            case "error":
                raise Ended(message["payload"][0].get("extensions", {}).get("code", "error"))
            case "complete":
                raise Ended("complete")

    def _take(self, event: dict[str, Any]) -> None:
        self._cursor = event["cursor"]
        if event["__typename"] == "ResyncRequired":
            # Nothing here is so old that it may be gone.
            self._tally.endings["ResyncRequired"] += 1
            return
        stream, number = _place(self._cursor)
        # Told of another board is told what nobody recorded here.
        self.received.append(number if stream == self.board.stream else -number)
        self._tally.deliver()
        if self._lost_at is not None:
            self._tally.resumes.append(time.monotonic() - self._lost_at)
            self._lost_at = None


def differences(watchers: Sequence[Watcher], recorded: dict[str, list[int]]) -> Difference:
    """How what all of them were told differs from what is recorded, added up."""
    return sum((each.difference(recorded.get(each.board.stream, [])) for each in watchers), Difference())


async def all_watch(watchers: Sequence[Watcher]) -> None:
    """Each of them has had a subscription, whatever became of it since."""
    await asyncio.gather(*(watcher.has_watched.wait() for watcher in watchers))


def behind(watchers: Sequence[Watcher], heads: dict[str, int]) -> int:
    """How many events they have not seen yet, added up."""
    return sum(max(0, heads.get(each.board.stream, 0) - each.seen) for each in watchers)


@lru_cache(maxsize=4096)
def _place(cursor: str) -> tuple[str, int]:
    # Kept: each cursor comes to every watcher of its board.
    stream, (number,) = cursors.opened(cursor)
    return stream, number
