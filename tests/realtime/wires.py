"""A socket to the application in the process of the test, without a server between."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Any, Self

from tests.asking import operations
from tests.sockets import PROTOCOL

Message = dict[str, Any]


class Wire:
    """What is said goes in as frames, and what comes out is kept; `delay` is awaited before each frame that goes out."""

    def __init__(
        self,
        *,
        headers: Iterable[tuple[str, str]] = (),
        delay: Callable[[], Awaitable[None]] | None = None,
        path: str = "/graphql",
        query: str = "",
    ) -> None:
        self._scope = {
            "type": "websocket",
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
            "subprotocols": [PROTOCOL],
        }
        self._in: asyncio.Queue[Message] = asyncio.Queue()
        self._delay = delay
        self._news = asyncio.Event()
        #: The frames that came, in their order.
        self.came: list[Message] = []
        #: Whether the handshake was accepted; None before it is decided.
        self.is_open: bool | None = None
        #: The code and the reason of the closing.
        self.closed: tuple[int, str] | None = None
        self._app: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        from config.asgi import application

        self._app = asyncio.create_task(application(self._scope, self._in.get, self._send))
        self._in.put_nowait({"type": "websocket.connect"})
        await self.until(lambda: self.is_open is not None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._app
        self._in.put_nowait({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(5):
            await self._app

    def say(self, **message: Any) -> None:
        """Send one message; it is read when it is its turn."""
        self.send(text=json.dumps(message))

    def send(self, **frame: Any) -> None:
        """Send one frame, whatever is in it."""
        self._in.put_nowait({"type": "websocket.receive"} | frame)

    async def greet(self, token: str | None = None) -> Self:
        """The handshake of the protocol, with a token or as nobody."""
        payload = {"payload": {"Authorization": f"Bearer {token}"}} if token else {}
        self.say(type="connection_init", **payload)
        assert await self.hear() == {"type": "connection_ack"}
        return self

    def subscribe(self, id: str, operation: str, **variables: Any) -> None:
        """Begin one of our clients' subscriptions."""
        payload = {"query": operations()[operation], "variables": variables}
        self.say(type="subscribe", id=id, payload=payload)

    async def hear(self, seconds: float = 5) -> Message:
        """The frame that comes next, from now on."""
        count = len(self.came)
        await self.until(lambda: len(self.came) > count or self.closed, seconds)
        assert len(self.came) > count, f"closed with {self.closed}, after {self.came}"
        return self.came[count]

    async def refusal(self, id: str, seconds: float = 5) -> str:
        """The code of the error that ends an operation."""
        await self.until(lambda: self.closed or any(each.get("id") == id for each in self.came), seconds)
        (message,) = [each for each in self.came if each.get("id") == id]
        assert message["type"] == "error", message
        code: str = message["payload"][0]["extensions"]["code"]
        return code

    async def is_read(self) -> None:
        """Wait until all that was said is read and obeyed."""
        pongs = self.came.count({"type": "pong"})
        self.say(type="ping")
        await self.until(lambda: self.came.count({"type": "pong"}) > pongs)

    async def ending(self, seconds: float = 5) -> tuple[int, str]:
        """The code and the reason with which it is closed."""
        await self.until(lambda: self.closed, seconds)
        assert self.closed
        return self.closed

    async def until(self, is_so: Callable[[], object], seconds: float = 5) -> None:
        """Wait until what came makes something true; fails with all of it when it does not in time."""
        try:
            async with asyncio.timeout(seconds):
                while not is_so():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not after {seconds} s; closed: {self.closed}; {self.came}") from None

    async def _send(self, message: Message) -> None:
        if self._delay:
            await self._delay()
        assert self.closed is None, f"{message} was sent after the closing"
        match message["type"]:
            case "websocket.accept":
                self.is_open = True
            case "websocket.close":
                self.closed = (message.get("code", 1000), message.get("reason", ""))
                self.is_open = bool(self.is_open)
            case "websocket.send":
                self.came.append(json.loads(message["text"]))
        self._news.set()
