"""`python -m tests.bench.live.client`: all sockets of a window in one process, told what to do by lines of JSON."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop

from tests.bench.live.sockets import Ledger, Socket

#: Sockets that are being opened at one time.
_AT_ONCE = 50
_LOOK = 0.005
#: So long nothing must come before it is quiet.
_QUIET = 0.3
#: What has not come so many seconds after the last was told is lost for whoever waits.
_LONGEST = 120.0


class Client:
    """The sockets, and the commands of whoever measures."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.sockets: list[Socket] = []

    async def connect(self, port: int, sockets: int, boards: list[int], document: str | None) -> Any:
        """Open so many, each of another person, spread over the boards."""
        turn = asyncio.Semaphore(_AT_ONCE)
        loop = asyncio.get_running_loop()

        async def opened(k: int) -> Socket:
            async with turn:
                socket = Socket(self.ledger, port, boards[k % len(boards)], k, document)
                future = socket.opened
                await loop.create_connection(lambda: socket, "127.0.0.1", port)
                if future:
                    await future
                return socket

        self.sockets = await asyncio.gather(*map(opened, range(sockets)))
        return {}

    async def settle(self, silence: float) -> Any:
        """Wait until every socket has had an event and no more come, or nothing comes: how many have had none, by board."""
        self.ledger.last = time.monotonic_ns()
        while (quiet := self._quiet_for()) < silence:
            if quiet > _QUIET and not self._deaf():
                break
            await asyncio.sleep(_LOOK)
        deaf = Counter(socket.board for socket in self._deaf())
        return {"deaf": dict(deaf), "strange": self.ledger.strange}

    async def begin(self) -> Any:
        """Count from here on."""
        self.ledger.begin()
        return {}

    async def gather(self, expected: int, silence: float) -> Any:
        """Wait until so many events have come to sockets, nothing comes for some seconds, or they come for too long."""
        ledger = self.ledger
        begun = time.monotonic_ns()
        while ledger.deliveries < expected and self._quiet_for(begun) < silence:
            if time.monotonic_ns() - begun > _LONGEST * 1e9:
                break
            await asyncio.sleep(_LOOK)
        return {
            "deliveries": ledger.deliveries,
            "wrong": ledger.wrong,
            "strange": ledger.strange,
            "bytes": ledger.bytes,
            "seconds": (ledger.last - ledger.first) / 1e9,
        }

    async def latencies(self, told: list[tuple[int, int, int]]) -> Any:
        """Milliseconds from when each event was told, over all deliveries: the middle, and the last of a hundred."""
        late = sorted(
            (arrived - when) / 1e6
            for board, seq, when in told
            if (board, seq) in self.ledger.events
            for arrived in self.ledger.events[board, seq].times
        )
        if not late:
            return {"p50": 0.0, "p99": 0.0}
        return {"p50": late[len(late) // 2], "p99": late[len(late) * 99 // 100]}

    async def messages(self) -> Any:
        """Every different message of an event that came."""
        return {"messages": [message.decode() for message in self.ledger.known]}

    async def close(self) -> Any:
        """Hang up everywhere."""
        for socket in self.sockets:
            socket.hang_up()
        self.sockets = []
        await asyncio.sleep(0)
        return {}

    def _deaf(self) -> list[Socket]:
        return [socket for socket in self.sockets if socket.seq is None]

    def _quiet_for(self, since: int = 0) -> float:
        return (time.monotonic_ns() - max(self.ledger.last, since)) / 1e9


async def main() -> None:
    """Obeys until nobody commands any more."""
    commands = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    client = Client()
    print(json.dumps({}), flush=True)
    while line := await commands.readline():
        command = json.loads(line)
        obey: Callable[..., Awaitable[Any]] = getattr(client, command.pop("do"))
        print(json.dumps(await obey(**command)), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
