"""`/graphql` over WebSocket: graphql-transport-ws, to the letter, and nothing but subscriptions.

https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import close_old_connections
from graphql import OperationType

from realtime.hub import hub_of_process
from schema.context import Asker, Context
from schema.operations import BadRequest, encode, events, prepare
from schema.sessions import session_of

log = logging.getLogger(__name__)

SUBPROTOCOL = "graphql-transport-ws"
#: Seconds in which a client must say who it is.
INIT_TIMEOUT = 10.0
#: Subscriptions on one socket.
MOST_SUBSCRIPTIONS = 20
#: Characters of a frame, and of the id of an operation.
LONGEST_FRAME = 64 * 1024
LONGEST_ID = 128


class Close(Exception):
    """The socket ends with one of the protocol's codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class GraphQLSocket(AsyncWebsocketConsumer):
    """One client's socket; a frame that breaks the protocol closes it, whatever it is."""

    # None: with a layer, Channels opens a Redis channel for each socket, and no socket opens while Redis is away.
    channel_layer_alias = ""

    async def connect(self) -> None:
        """Accept whoever comes from an allowed origin and speaks the protocol."""
        self.is_over = False
        self.context: Context | None = None
        self.greeted = False
        self.running: dict[str, asyncio.Task[None]] = {}
        if not _may_come_from(self.scope):
            await self.close()  # Before it is accepted this is an HTTP 403.
            return
        if SUBPROTOCOL not in self.scope["subprotocols"]:
            await self.accept()
            await self._end(4406, "Subprotocol not acceptable")
            return
        self.timer = asyncio.create_task(self._expect_init())
        await self.accept(SUBPROTOCOL)

    async def disconnect(self, code: int) -> None:
        """End what runs; the hub hears of it."""
        self.is_over = True
        tasks = [*self.running.values(), *([self.timer] if hasattr(self, "timer") else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame of the client's."""
        if self.is_over:
            # It was on its way when we closed.
            return
        try:
            await self._obey(_message(text_data))
        except Close as ending:
            await self._end(ending.code, ending.reason)
        except Exception:
            log.exception("a frame could not be dealt with")
            await self._end(4500, "Internal server error")

    async def _obey(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._greet(message)
            case "ping":
                _object_or_none(message, "payload")
                await self._say(type="pong")
            case "pong":
                _object_or_none(message, "payload")
            case "subscribe":
                await self._subscribe(_id(message), _object(message, "payload"))
            case "complete":
                if task := self.running.pop(_id(message), None):
                    task.cancel()
            case other:
                # ASCII, because a reason has room for 123 bytes.
                raise Close(4400, f"Invalid message type {other[:10]!a}")

    async def _greet(self, message: dict[str, Any]) -> None:
        payload = _object_or_none(message, "payload") or {}
        token = payload.get("Authorization", "")
        if not isinstance(token, str):
            raise Close(4400, "Invalid message")
        if self.greeted:
            raise Close(4429, "Too many initialisation requests")
        self.greeted = True
        self.timer.cancel()
        try:
            session = await sync_to_async(_session)(token)
        except LookupError:
            raise Close(4403, "Forbidden") from None
        self.context = Context(session=session, hub=hub_of_process())
        await self._say(type="connection_ack")

    async def _subscribe(self, id: str, payload: dict[str, Any]) -> None:
        query, name = payload.get("query"), payload.get("operationName")
        variables, _ = _object_or_none(payload, "variables"), _object_or_none(payload, "extensions")
        if not isinstance(query, str) or not isinstance(name, str | None):
            raise Close(4400, "Invalid message")
        if self.context is None:
            raise Close(4401, "Unauthorized")
        if id in self.running:
            raise Close(4409, f"Subscriber for {id[:20]} already exists")
        if len(self.running) >= MOST_SUBSCRIPTIONS:
            text = f"At most {MOST_SUBSCRIPTIONS} on one socket."
            await self._say(id=id, **_error("SUBSCRIPTION_LIMIT", text))
            return
        try:
            operation = prepare(query, variables, name)
        except BadRequest as refusal:
            await self._say(id=id, type="error", payload=refusal.errors)
            return
        if operation.kind is not OperationType.SUBSCRIPTION:
            text = "Only subscriptions here; ask the rest by POST."
            await self._say(id=id, **_error("OPERATION_NOT_ALLOWED", text))
            return
        context = self.context.fresh()
        self.running[id] = asyncio.create_task(self._stream(id, operation, context))

    async def _stream(self, id: str, operation: Any, context: Context) -> None:
        ending: dict[str, Any] = {"type": "complete"}
        try:
            async with aclosing(events(operation, context)) as answers:
                async for answer in answers:
                    if answer.get("data") is None:
                        # Nothing more can come of it, and the protocol's word for that is error.
                        ending = {"type": "error", "payload": answer["errors"]}
                        break
                    # send() waits while the client does not read: then nothing more is read from the log either.
                    await self._say(id=id, type="next", payload=answer)
        except Exception:
            log.exception("a subscription failed")
            ending = _error("INTERNAL", "Something went wrong here, and it is written down.")
        finally:
            # Before the end is told: its client may use the id again at once.
            if self.running.get(id) is asyncio.current_task():
                del self.running[id]
        await self._say(id=id, **ending)

    async def _expect_init(self) -> None:
        await asyncio.sleep(INIT_TIMEOUT)
        await self._end(4408, "Connection initialisation timeout")

    async def _end(self, code: int, reason: str) -> None:
        """Close; nothing is said or obeyed after it. What runs is ended when the server says that it is closed."""
        self.is_over = True
        with suppress(OSError):
            await self.close(code, reason)

    async def _say(self, **message: Any) -> None:
        if self.is_over:
            return
        try:
            await self.send(encode(message).decode())
        except OSError:
            # The client is gone, and `disconnect` is on its way (ASGI: send raises OSError then).
            self.is_over = True


class NoSuchSocket(AsyncWebsocketConsumer):
    """Any other address: refused before it is accepted."""

    channel_layer_alias = ""

    async def connect(self) -> None:
        """HTTP 403, which is all that a handshake can be told."""
        await self.close()


def _error(code: str, message: str) -> dict[str, Any]:
    return {"type": "error", "payload": [{"message": message, "extensions": {"code": code}}]}


def _message(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > LONGEST_FRAME:
        raise Close(4400, "Invalid message")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Close(4400, "Invalid message") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Close(4400, "Invalid message")
    return message


def _id(message: dict[str, Any]) -> str:
    id = message.get("id")
    # Half a character can be escaped into JSON, and not be sent back.
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID or not _is_whole(id):
        raise Close(4400, "Invalid message")
    return id


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _object(message: dict[str, Any], key: str) -> dict[str, Any]:
    value = message.get(key)
    if not isinstance(value, dict):
        raise Close(4400, "Invalid message")
    return value


def _object_or_none(message: dict[str, Any], key: str) -> dict[str, Any] | None:
    return None if message.get(key) is None else _object(message, key)


def _session(token: str) -> Asker | None:
    close_old_connections()
    try:
        return session_of(token)
    finally:
        close_old_connections()


def _may_come_from(scope: Mapping[str, Any]) -> bool:
    """A page must be of an allowed origin, scheme, host and port; a program that is no browser sends none."""
    origin = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"), None)
    if origin is None or origin in settings.ALLOWED_ORIGINS:
        return True
    try:
        return settings.DEVELOPMENT and urlsplit(origin).hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        return False
