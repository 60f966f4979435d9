"""`/graphql` over WebSocket: graphql-transport-ws, to the letter, and nothing but subscriptions.

https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import close_old_connections
from graphql import OperationType

from backend.accounts.models import Session
from realtime.hub import hub_of_process
from schema.context import Context
from schema.operations import BadRequest, events, prepare
from schema.view import session_of

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

    async def connect(self) -> None:
        """Accept whoever comes from an allowed origin and speaks the protocol."""
        self.context: Context | None = None
        self.greeted = False
        self.running: dict[str, asyncio.Task[None]] = {}
        if not _may_come_from(self.scope):
            await self.close()  # Before it is accepted this is an HTTP 403.
            return
        if SUBPROTOCOL not in self.scope["subprotocols"]:
            await self.accept()
            await self.close(4406, "Subprotocol not acceptable")
            return
        self.timer = asyncio.create_task(self._expect_init())
        await self.accept(SUBPROTOCOL)

    async def disconnect(self, code: int) -> None:
        """End what runs; the hub hears of it."""
        tasks = [*self.running.values(), *([self.timer] if hasattr(self, "timer") else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame of the client's."""
        try:
            await self._obey(_message(text_data))
        except Close as ending:
            await self.close(ending.code, ending.reason)
        except Exception:
            log.exception("a frame could not be dealt with")
            await self.close(4500, "Internal server error")

    async def _obey(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._greet(message)
            case "ping":
                await self._say(type="pong")
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(_id(message), _object(message, "payload"))
            case "complete":
                if task := self.running.pop(_id(message), None):
                    task.cancel()
            case other:
                raise Close(4400, f"Invalid message type {other[:20]!r}")

    async def _greet(self, message: dict[str, Any]) -> None:
        if self.greeted:
            raise Close(4429, "Too many initialisation requests")
        self.greeted = True
        self.timer.cancel()
        payload = _object(message, "payload") if message.get("payload") is not None else {}
        token = payload.get("Authorization", "")
        if not isinstance(token, str):
            raise Close(4400, "Invalid message")
        try:
            session = await sync_to_async(_session)(token)
        except LookupError:
            raise Close(4403, "Forbidden") from None
        self.context = Context(session=session, hub=hub_of_process())
        await self._say(type="connection_ack")

    async def _subscribe(self, id: str, payload: dict[str, Any]) -> None:
        if self.context is None:
            raise Close(4401, "Unauthorized")
        if id in self.running:
            raise Close(4409, f"Subscriber for {id[:20]} already exists")
        query, variables, name = (payload.get(key) for key in ("query", "variables", "operationName"))
        if (
            not isinstance(query, str)
            or not isinstance(variables, dict | None)
            or not isinstance(name, str | None)
        ):
            raise Close(4400, "Invalid message")
        if len(self.running) >= MOST_SUBSCRIPTIONS:
            await self._refuse(id, "SUBSCRIPTION_LIMIT", f"At most {MOST_SUBSCRIPTIONS} on one socket.")
            return
        try:
            operation = prepare(query, variables, name)
        except BadRequest as refusal:
            await self._say(id=id, type="error", payload=refusal.errors)
            return
        if operation.kind is not OperationType.SUBSCRIPTION:
            await self._refuse(id, "OPERATION_NOT_ALLOWED", "Only subscriptions here; ask the rest by POST.")
            return
        context = self.context.fresh()
        self.running[id] = asyncio.create_task(self._stream(id, operation, context))

    async def _stream(self, id: str, operation: Any, context: Context) -> None:
        try:
            async with aclosing(events(operation, context)) as answers:
                async for answer in answers:
                    if "data" not in answer or answer["data"] is None:
                        # Nothing more can come of it, and the protocol's word for that is error.
                        await self._say(id=id, type="error", payload=answer["errors"])
                        break
                    # send() waits while the client does not read: then nothing more is read from the log either.
                    await self._say(id=id, type="next", payload=answer)
                else:
                    await self._say(id=id, type="complete")
        except Exception:
            log.exception("a subscription failed")
            await self._refuse(id, "INTERNAL", "Something went wrong here, and it is written down.")
        finally:
            if self.running.get(id) is asyncio.current_task():
                del self.running[id]

    async def _expect_init(self) -> None:
        await asyncio.sleep(INIT_TIMEOUT)
        await self.close(4408, "Connection initialisation timeout")

    async def _refuse(self, id: str, code: str, message: str) -> None:
        await self._say(id=id, type="error", payload=[{"message": message, "extensions": {"code": code}}])

    async def _say(self, **message: Any) -> None:
        await self.send(json.dumps(message, ensure_ascii=False, separators=(",", ":")))


class NoSuchSocket(AsyncWebsocketConsumer):
    """Any other address: refused before it is accepted."""

    async def connect(self) -> None:
        """HTTP 403, which is all that a handshake can be told."""
        await self.close()


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
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        raise Close(4400, "Invalid message")
    return id


def _object(message: dict[str, Any], key: str) -> dict[str, Any]:
    value = message.get(key)
    if not isinstance(value, dict):
        raise Close(4400, "Invalid message")
    return value


def _session(token: str) -> Session | None:
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
    return settings.DEVELOPMENT and urlsplit(origin).hostname in ("127.0.0.1", "localhost", "::1")
