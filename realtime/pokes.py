import asyncio
import logging
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

#: A poke is a nudge: the sweep finds what it would have told, so nobody waits long for Redis.
PATIENCE = 1.0


def group_of(stream: str) -> str:
    """The channel layer's name of a stream; its names know no colon."""
    return stream.replace(":", ".")


def poke(marks: Iterable[tuple[str, int]]) -> None:
    """Tell every hub that watches one of these streams how far it is now; never what happened, which is in the log.

    Whoever has committed waits for nothing: it is said soon, and if it cannot be, the sweeps find it.
    """
    _messenger().send(marks)


class _Messenger:
    """One thread and one event loop for the pokes of a process: a layer keeps its connection for each loop, and a loop
    for each poke, as `async_to_sync` makes it, would open one for each commit."""

    def __init__(self) -> None:
        self._waiting: dict[str, int] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        threading.Thread(target=self._loop.run_forever, name="pokes", daemon=True).start()

    def send(self, marks: Iterable[tuple[str, int]]) -> None:
        """From any thread; of one stream only the last number counts."""
        with self._lock:
            is_idle = not self._waiting
            self._waiting |= marks
        if is_idle:
            self._loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._send_all())

    async def _send_all(self) -> None:
        layer: Any = get_channel_layer()
        while True:
            with self._lock:
                heads, self._waiting = self._waiting, {}
            if not heads:
                return
            try:
                async with asyncio.timeout(PATIENCE):
                    for stream, seq in heads.items():
                        await layer.group_send(group_of(stream), _message(stream, seq))
            except Exception as error:
                log.warning(
                    "Redis is away (%r): the news of %s streams is found by looking", error, len(heads)
                )


def _message(stream: str, seq: int) -> dict[str, Any]:
    return {"type": "poke", "stream": stream, "seq": seq}


_messengers: dict[int, _Messenger] = {}
_making = threading.Lock()


def _messenger() -> _Messenger:
    # By process: a fork has the object, and not its thread.
    with _making:
        if (pid := os.getpid()) not in _messengers:
            _messengers[pid] = _Messenger()
        return _messengers[pid]


class Pokes:
    """The ear of a hub: hears the pokes of the streams it is told to, as far as Redis lets it.

    `when_poked` is given the stream and the number; also when a stream is heard from now on, with a number above all
    others, for what came before went unheard.
    """

    EVERYTHING = 2**63 - 1

    def __init__(self, when_poked: Callable[[str, int], None]) -> None:
        self._when_poked = when_poked
        # Kept: two threads that ask for the layer first may get one each, and a channel is known to its own only.
        self._layer: Any = get_channel_layer()
        self._channel: str | None = None
        self._wanted: set[str] = set()
        self._heard: set[str] = set()
        self._is_away = False
        self._settling: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None

    def hear(self, stream: str) -> None:
        """From soon on."""
        self._wanted.add(stream)
        if not self._is_away:
            self.settle()

    def forget(self, stream: str) -> None:
        """From soon on no more; a poke that comes all the same wakes nobody."""
        self._wanted.discard(stream)
        self.settle()

    async def say(self, stream: str) -> None:
        """Poke all who hear a stream of which there is no log, and no number."""
        async with asyncio.timeout(PATIENCE):
            await self._layer.group_send(group_of(stream), _message(stream, 0))

    def settle(self) -> None:
        """Have Redis know what is wanted; while it is away, whoever sweeps tries again."""
        if self._wanted != self._heard and (self._settling is None or self._settling.done()):
            self._settling = asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        try:
            while self._wanted != self._heard:
                for stream in self._wanted - self._heard:
                    async with asyncio.timeout(PATIENCE):
                        await self._join(stream)
                for stream in self._heard - self._wanted:
                    async with asyncio.timeout(PATIENCE):
                        await self._layer.group_discard(group_of(stream), self._channel)
                    self._heard.discard(stream)
            self._is_away = False
        except Exception as error:
            if not self._is_away:
                count = len(self._wanted - self._heard)
                log.warning("Redis is away (%r): %s streams are followed by looking at the log", error, count)
            self._is_away = True

    async def _join(self, stream: str) -> None:
        if self._channel is None:
            self._channel = await self._layer.new_channel()
            self._listening = asyncio.create_task(self._listen(self._channel))
        await self._layer.group_add(group_of(stream), self._channel)
        self._heard.add(stream)
        self._when_poked(stream, self.EVERYTHING)

    async def _listen(self, channel: str) -> None:
        while True:
            try:
                message = await self._layer.receive(channel)
                self._when_poked(message["stream"], message["seq"])
            except Exception:
                log.exception("a poke could not be received")
                await asyncio.sleep(1)
