"""`/graphql` over WebSocket: graphql-transport-ws, to the letter, and nothing but subscriptions.

https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
"""

import asyncio
import logging
from typing import Any

import orjson
from django import db
from graphql import OperationType

from backend.core.refusals import Unauthenticated
from realtime.admission import VISITORS, may_enter, network_of_client, paid, token_of
from realtime.database import ADMITTING
from realtime.frames import Close, id_of, message_of, object_of, object_or_none
from realtime.hub import hub_of_process
from realtime.outlets import Outlet, Receive, Scope, Send
from realtime.subscription import Subscription
from realtime.throttle import Throttle
from schema.context import Asker
from schema.errors import words_of
from schema.meters import SUBSCRIBED, Meter
from schema.operations import prepare, reading
from schema.persisted import NotPersisted, persisted
from schema.preparing import BadRequest, refusal
from schema.sessions import UnknownToken, session_of
from schema.tellings import Told, last, subscribed

log = logging.getLogger(__name__)

SUBPROTOCOL = "graphql-transport-ws"
#: Seconds in which a client must say who it is.
INIT_TIMEOUT = 10.0
#: Subscriptions on one socket.
MOST_SUBSCRIPTIONS = 20
#: Frames at once, and a second for longer: a client of a person says less in a minute.
MOST_FRAMES, FRAMES_A_SECOND = 120, 2.0


async def graphql_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """The sockets at this address."""
    await _GraphQLSocket(receive, send).run(scope)


async def no_such_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Those at any other: refused before they are accepted, by HTTP 403, which is all that a handshake can be told."""
    await receive()
    await send({"type": "websocket.close"})


class _GraphQLSocket:
    """One client's socket; a frame that breaks the protocol closes it, whatever it is."""

    __slots__ = (
        *("_greeted", "_hub", "_is_over", "_receive", "_running", "_throttle", "_timer", "_token"),
        *("_meter", "_network", "asker", "outlet"),
    )

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self.outlet = Outlet(send, self._go_on)
        self._hub = hub_of_process()
        self._throttle = Throttle(MOST_FRAMES, FRAMES_A_SECOND)
        self._running: dict[str, Subscription] = {}
        self._greeted = self._is_over = False
        self._timer: asyncio.TimerHandle | None = None
        self._token = self._network = ""
        self._meter: Meter | None = None
        self.asker: Asker | None = None

    async def run(self, scope: Scope) -> None:
        """From the handshake to the end."""
        await self._receive()
        self._network = network_of_client(scope)
        if not may_enter(scope) or not VISITORS.enter(self._network):
            self.outlet.put({"type": "websocket.close"})  # Before it is accepted this is an HTTP 403.
            return
        try:
            await self._serve(scope)
        finally:
            VISITORS.exit(self._network)

    async def _serve(self, scope: Scope) -> None:
        if SUBPROTOCOL not in scope["subprotocols"]:
            self.outlet.put({"type": "websocket.accept"})
            self._end(4406, "Subprotocol not acceptable")
            return
        self._token = token_of(scope)
        self._timer = asyncio.get_running_loop().call_later(INIT_TIMEOUT, self._never_greeted)
        self.outlet.put({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        try:
            while (message := await self._receive())["type"] == "websocket.receive":
                if not self._is_over:  # Else it was on its way when we closed.
                    await self._read(message.get("text"))
                    # Whoever does not read is not read either.
                    await self.outlet.cleared()
        finally:
            self._leave()
            self.outlet.close()

    def tell(self, subscription: Subscription, told: Told) -> None:
        """The next of a subscription, or the error that ends it."""
        if self._is_over:
            return
        if told.is_last:
            self._finish(subscription)
            self._say(f'{{"id":{subscription.name},"type":"error","payload":{told.text}}}')
        else:
            self._say(f'{{"id":{subscription.name},"type":"next","payload":{told.text}}}')

    def forbid(self) -> None:
        """Its session has ended: what it follows is told so, and then it is closed."""
        for subscription in [*self._running.values()]:
            self.tell(subscription, last(Unauthenticated()))
        self._end(4403, "Forbidden")

    async def _read(self, text: str | None) -> None:
        try:
            if not self._throttle.allows():
                raise Close(4429, "Too many requests")
            await self._obey(message_of(text))
        except Close as ending:
            self._end(ending.code, ending.reason)
        except db.Error as error:
            log.warning("a client is asked to come again: %s", words_of(error))
            self._end(1013, "Try again later")
        except Exception:
            log.exception("a frame could not be dealt with")
            self._end(4500, "Internal server error")

    async def _obey(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._greet(message)
            case "ping":
                object_or_none(message, "payload")
                self._say('{"type":"pong"}')
            case "pong":
                object_or_none(message, "payload")
            case "subscribe":
                await self._subscribe(id_of(message), object_of(message, "payload"))
            case "complete":
                if subscription := self._running.get(id_of(message)):
                    self._finish(subscription)
            case other:
                # ASCII, because a reason has room for 123 bytes.
                raise Close(4400, f"Invalid message type {other[:10]!a}")

    async def _greet(self, message: dict[str, Any]) -> None:
        payload = object_or_none(message, "payload") or {}
        token = payload.get("Authorization", self._token)
        if not isinstance(token, str):
            raise Close(4400, "Invalid message")
        if self._greeted:
            raise Close(4429, "Too many initialisation requests")
        self._greeted = True
        if self._timer:
            self._timer.cancel()
        if token:
            await self._hub.begin()
        try:
            self.asker = await ADMITTING.run(lambda: session_of(token))
        except UnknownToken:
            raise Close(4403, "Forbidden") from None
        self._meter = Meter(self.asker, self._network)
        self._hub.enter(self)
        self._say('{"type":"connection_ack"}')

    async def _subscribe(self, id: str, payload: dict[str, Any]) -> None:
        query, name = payload.get("query"), payload.get("operationName")
        variables, more = object_or_none(payload, "variables"), object_or_none(payload, "extensions") or {}
        if not isinstance(query, str | None) or not isinstance(name, str | None):
            raise Close(4400, "Invalid message")
        if query is None and more.get("persistedQuery") is None:
            raise Close(4400, "Invalid message")
        if not self._hub.knows(self):
            raise Close(4401, "Unauthorized")
        if id in self._running:
            raise Close(4409, f"Subscriber for {id[:20]} already exists")
        spelled = orjson.dumps(id).decode()
        try:
            await self._follow(id, spelled, payload, variables, name)
        except BadRequest as refused:
            if found := self._running.get(id):
                self._finish(found)
            self._say(f'{{"id":{spelled},"type":"error","payload":{orjson.dumps(refused.errors).decode()}}}')

    async def _follow(
        self,
        id: str,
        spelled: str,
        payload: dict[str, Any],
        variables: dict[str, Any] | None,
        name: str | None,
    ) -> None:
        if len(self._running) >= MOST_SUBSCRIPTIONS:
            raise refusal("SUBSCRIPTION_LIMIT", f"At most {MOST_SUBSCRIPTIONS} on one socket.")
        if not self._hub.has_room_for(self):
            raise refusal("SUBSCRIPTION_LIMIT", "This person follows too much at once.")
        try:
            query = persisted(payload) or ""
        except NotPersisted as refused:
            await paid(self._meter, SUBSCRIBED)
            raise refusal(refused.code, str(refused)) from None
        await paid(self._meter, SUBSCRIBED + reading(query, name))
        operation = prepare(query, variables, name)
        if operation.kind is not OperationType.SUBSCRIPTION:
            raise refusal("OPERATION_NOT_ALLOWED", "Only subscriptions here; ask the rest by POST.")
        subscription = Subscription(self, spelled, *subscribed(operation, self.asker))
        self._running[id] = subscription
        await self._hub.follow(subscription)

    def _finish(self, subscription: Subscription) -> None:
        self._hub.leave(subscription)
        self._running = {id: each for id, each in self._running.items() if each is not subscription}

    def _leave(self) -> None:
        self._is_over = True
        if self._timer:
            self._timer.cancel()
        for subscription in self._running.values():
            self._hub.leave(subscription)
        self._running = {}
        self._hub.exit(self)

    def _go_on(self) -> None:
        for subscription in self._running.values():
            self._hub.go_on(subscription)

    def _never_greeted(self) -> None:
        self._end(4408, "Connection initialisation timeout")

    def _end(self, code: int, reason: str) -> None:
        """Close; nothing is said or obeyed after it."""
        if not self._is_over:
            self._leave()
            self.outlet.put({"type": "websocket.close", "code": code, "reason": reason})

    def _say(self, text: str) -> None:
        if not self._is_over:
            self.outlet.put({"type": "websocket.send", "text": text})
