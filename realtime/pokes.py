import asyncio
from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

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
