"""The way out to one client."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any

log = logging.getLogger(__name__)

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Coroutine[Any, Any, None]]

#: Seconds after which a client that does not read is let go; it comes back with the cursor of what it has read.
PATIENCE = 25.0


class Outlet:
    """Messages to one client, in order. While the client does not read, nothing but endings is kept for it.

    `when_clear` is called when it reads again. When it has not for `PATIENCE` seconds its connection is cut.
    """

    __slots__ = ("_finishing", "_send", "_slow", "_waiting", "_when_clear", "is_clear", "is_gone")

    def __init__(self, send: Send, when_clear: Callable[[], None]) -> None:
        self._send = send
        self._when_clear = when_clear
        self._finishing: asyncio.Task[None] | None = None
        self._slow: asyncio.TimerHandle | None = None
        self._waiting: deque[Message] | None = None
        #: Whether a message would leave at once.
        self.is_clear = True
        #: Whether the client has left; what is put then goes nowhere.
        self.is_gone = False

    def put(self, message: Message) -> None:
        """Send it now, or behind the one that waits; whoever has many to send asks first whether it is clear."""
        if self.is_gone:
            return
        if not self.is_clear:
            self._waiting = self._waiting or deque()
            self._waiting.append(message)
            return
        sending = self._send(message)
        try:
            # Driven by hand, because it hardly ever waits: a task for each delivery would cost as much as the delivery.
            waits_for = sending.send(None)
        except StopIteration:
            return
        except Exception as error:
            self._lose(error)
            return
        self.is_clear = False
        self._finishing = asyncio.ensure_future(self._finish(_Rest(sending, waits_for)))
        self._slow = asyncio.get_running_loop().call_later(PATIENCE, self._cut)

    async def cleared(self) -> None:
        """Wait until it is clear."""
        if self._finishing is not None:
            await asyncio.wait([self._finishing])

    def close(self) -> None:
        """Nothing more is sent, not even what waits."""
        self.is_gone = True
        self._waiting = None
        if self._slow:
            self._slow.cancel()
        if self._finishing:
            self._finishing.cancel()
        if (transport := self._transport) is not None and transport.get_write_buffer_size():
            # The server closes it now, and waits until that is read: as long as the client likes.
            asyncio.get_running_loop().call_later(PATIENCE, _abort_what_closes, transport)

    def look(self) -> None:
        """Now and then: whoever answers no pings is closed by the server, and that waits until they have read."""
        if not self.is_gone and self._transport is not None and self._transport.is_closing():
            self.is_gone = True
            asyncio.get_running_loop().call_later(PATIENCE, _abort_what_closes, self._transport)

    @property
    def _transport(self) -> Any:
        # ASGI knows only closing in good order, which waits until the client has read: for ever. So past it, at the
        # transport of uvicorn's protocol, whose method `send` is.
        return getattr(getattr(self._send, "__self__", None), "transport", None)

    def _lose(self, error: Exception) -> None:
        """Whatever it is: the others, whom somebody tells in the same turn, must not hear of it."""
        self.is_gone = True
        if isinstance(error, OSError):
            return  # ASGI's word for a client that has left; its disconnect is on the way.
        if not isinstance(error, RuntimeError):
            log.error("a message could not be sent", exc_info=error)
        # The server has closed the connection by itself, after pings without an answer; that waits until all is read.
        self._slow = asyncio.get_running_loop().call_later(PATIENCE, self._cut)

    def _cut(self) -> None:
        log.info("a client that has not read for %s s is let go", PATIENCE)
        if self._transport is not None:
            self._transport.abort()

    async def _finish(self, rest: Awaitable[None]) -> None:
        failure: Exception | None = None
        try:
            await rest
            while self._waiting:
                await self._send(self._waiting.popleft())
        except Exception as error:
            failure = error
        finally:
            self._finishing = None
            self.is_clear = True
            if self._slow:
                self._slow.cancel()
        if failure:
            self._lose(failure)
        self._when_clear()


def _abort_what_closes(transport: Any) -> None:
    # Else it has another use by now: HTTP keeps its connections.
    if transport.is_closing():
        transport.abort()


class _Rest:
    """What is left of a coroutine that was driven until it waited."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        while True:
            try:
                answer = yield waits_for
            except BaseException as error:
                advance = partial(self._coroutine.throw, error)
            else:
                advance = partial(self._coroutine.send, answer)
            try:
                waits_for = advance()
            except StopIteration:
                return
