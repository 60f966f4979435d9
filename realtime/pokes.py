import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

#: A poke is a nudge: the sweep finds what it would have told, so nobody waits long for Redis.
PATIENCE = 1.0


def group_of(stream: str) -> str:
    """The channel layer's name of a stream; its names know no colon."""
    return stream.replace(":", ".")


def poke(marks: Iterable[tuple[str, int]]) -> None:
    """Tell every hub that watches one of these streams how far it is now; never what happened, which is in the log."""
    async_to_sync(_poke)(dict(sorted(marks)))


async def _poke(heads: dict[str, int]) -> None:
    layer: Any = get_channel_layer()
    async with asyncio.timeout(PATIENCE):
        for stream, seq in heads.items():
            await layer.group_send(group_of(stream), {"type": "poke", "stream": stream, "seq": seq})


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
            await self._layer.group_send(group_of(stream), {"type": "poke", "stream": stream, "seq": 0})

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
