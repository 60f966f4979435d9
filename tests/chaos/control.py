"""The control: events pushed as Channels' documentation shows it, through the same layer, at most once and with no resume.

The writing half is the project's own, so what is recorded is as true as ever. The telling half sends each event to a
group after its commit, and forwards what comes to whoever is there. Under the same faults it must lose events; if the
harness does not find that, it would not find ours either.
"""

import json
import os
from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.chaos.control_settings")
django_application = get_asgi_application()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402

from backend.boards.events import board_stream  # noqa: E402
from schema import cursors  # noqa: E402
from schema.ids import pk_of  # noqa: E402


def tell(marks: Iterable[tuple[str, int]]) -> None:
    """Send each event to the group of its stream, and forget it."""
    layer: Any = get_channel_layer()
    for stream, seq in marks:
        event = {"__typename": "Told", "cursor": cursors.encode(stream, seq)}
        async_to_sync(layer.group_send)(_group(stream), {"type": "told", "event": event})


class NaiveSocket(AsyncWebsocketConsumer):
    """Speaks just enough of graphql-transport-ws for a watcher, and does not ask after which event it comes."""

    async def connect(self) -> None:
        """Accept whoever comes."""
        await self.accept("graphql-transport-ws")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame of the client's."""
        message = json.loads(text_data or "{}")
        match message["type"]:
            case "connection_init":
                await self._say(type="connection_ack")
            case "subscribe":
                board = pk_of(message["payload"]["variables"]["boardId"], "Board")
                await self.channel_layer.group_add(_group(board_stream(board)), self.channel_name)
            case "ping":
                await self._say(type="pong")

    async def told(self, message: dict[str, Any]) -> None:
        """Something happened on the board."""
        await self._say(type="next", id="watch", payload={"data": {"boardEvents": message["event"]}})

    async def _say(self, **message: Any) -> None:
        await self.send(json.dumps(message))


def _group(stream: str) -> str:
    return f"control.{stream.replace(':', '.')}"


application = ProtocolTypeRouter({"http": django_application, "websocket": NaiveSocket.as_asgi()})
