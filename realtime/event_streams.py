"""`/graphql/stream`: one subscription a request as server-sent events, for clients that cannot hold a socket.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, distinct connections mode; each event's id is its cursor,
so that a browser which comes back by itself says where it was (`Last-Event-ID`).
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import orjson
from django import db
from graphql import OperationType

from backend.core.refusals import Unauthenticated
from realtime.admission import VISITORS, header, may_enter, network_of_client, paid, token_of
from realtime.database import ADMITTING
from realtime.hub import hub_of_process
from realtime.outlets import Outlet, Receive, Scope, Send
from realtime.subscription import Subscription
from schema import cursors, origins
from schema.context import Asker
from schema.errors import RETRY_AFTER, words_of
from schema.meters import SUBSCRIBED, Meter
from schema.operations import prepare, reading
from schema.preparing import BadRequest, refusal
from schema.request_ids import REQUEST_ID, request_id_of
from schema.requests import LARGEST_BODY, Unacceptable, question_in, question_of
from schema.sessions import UnknownToken, session_of
from schema.tellings import Told, last, subscribed

log = logging.getLogger(__name__)

#: Seconds after which something is said where nothing happens: proxies end what is silent.
BEAT = 15.0
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx would else keep the events until there are many.
    (b"x-accel-buffering", b"no"),
]


async def graphql_stream(scope: Scope, receive: Receive, send: Send) -> None:
    """The streams at this address."""
    request_id = request_id_of(header(scope, b"x-request-id") or "")
    # A server runs each request in a task of its own, so nobody else takes it for theirs.
    REQUEST_ID.set(request_id)
    origin = header(scope, b"origin") or ""
    more = [*origins.VARIES, *origins.shared_with(origin), ("X-Request-Id", request_id)]
    if scope["method"] == "OPTIONS":
        await _permit(send, [*origins.preflight(origin, "GET, POST"), ("X-Request-Id", request_id)])
        return
    network = network_of_client(scope)
    if not VISITORS.enter(network):
        too_many = {"message": "Too many streams of one network.", "extensions": {"code": "RATE_LIMITED"}}
        await _refuse(send, 429, too_many, [*more, ("Retry-After", str(RETRY_AFTER))])
        return
    try:
        await _stream(scope, receive, send, network, more)
    finally:
        VISITORS.exit(network)


async def _stream(
    scope: Scope, receive: Receive, send: Send, network: str, more: list[tuple[str, str]]
) -> None:
    stream = _EventStream(send, network, more)
    try:
        question, asker = await _asked(scope, receive)
    except Unacceptable as refused:
        await _refuse(send, refused.status, refused.error, more)
        return
    except BadRequest as refused:
        await _refuse(send, 400, refused.errors[0], more)
        return
    except db.Error as error:
        log.warning("a client is asked to come again: %s", words_of(error))
        error_told = {"message": "Try again later.", "extensions": {"code": "UNAVAILABLE"}}
        await _refuse(send, 503, error_told, [*more, ("Retry-After", str(RETRY_AFTER))])
        return
    await stream.run(question, asker, receive)


class _EventStream:
    """One client's stream of one subscription's events."""

    def __init__(self, send: Send, network: str, headers: origins.Headers = ()) -> None:
        self._network = network
        self.outlet = Outlet(send, self._go_on)
        self._headers = [*_HEADERS, *_as_bytes(headers)]
        self._hub = hub_of_process()
        self._subscription: Subscription | None = None
        self._over = asyncio.Event()
        self.asker: Asker | None = None

    async def run(self, question: dict[str, Any], asker: Asker | None, receive: Receive) -> None:
        """Tell the events until the client goes or the subscription ends."""
        self.asker = asker
        self._hub.enter(self)
        self.outlet.put({"type": "http.response.start", "status": 200, "headers": self._headers})
        self._say(":\n\n")
        listening = asyncio.create_task(self._gone(receive))
        try:
            await self._follow(question)
            while not self._over.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), BEAT)
                    break
                if self.outlet.is_clear:
                    self._say(":\n\n")
            await self.outlet.cleared()
        finally:
            listening.cancel()
            if self._subscription:
                self._hub.leave(self._subscription)
            self._hub.exit(self)
            self.outlet.put({"type": "http.response.body", "body": b""})
            self.outlet.close()

    def tell(self, subscription: Subscription, told: Told) -> None:
        """The next event, or the errors that end it."""
        if self._over.is_set():
            return
        if told.is_last:
            self._hub.leave(subscription)
            self._end(told.text)
            return
        cursor = cursors.encode(subscription.wanted.stream, subscription.seen)
        # PostgreSQL breaks the line between the rows of a list, and a line that ends would end the event.
        self._say(f"event: next\nid: {cursor}\ndata: {told.text.replace(chr(10), ' ')}\n\n")

    def forbid(self) -> None:
        """Its session has ended."""
        if not self._over.is_set():
            self._end(last(Unauthenticated()).text)

    async def _follow(self, question: dict[str, Any]) -> None:
        try:
            if not self._hub.has_room_for(self):
                raise refusal("SUBSCRIPTION_LIMIT", "This person follows too much at once.")
            query, name = question["query"], question.get("operationName")
            await paid(Meter(self.asker, self._network), SUBSCRIBED + reading(query, name))
            operation = prepare(query, question.get("variables"), name)
            if operation.kind is not OperationType.SUBSCRIPTION:
                raise refusal(
                    "OPERATION_NOT_ALLOWED", "Only subscriptions here; ask the rest by POST to /graphql."
                )
            wanted, telling = subscribed(operation, self.asker, after=question.get("lastEventId"))
            self._subscription = Subscription(self, "", wanted, telling)
            await self._hub.follow(self._subscription)
        except BadRequest as refused:
            self._end(orjson.dumps(refused.errors).decode())
        except db.Error as error:
            # Ended without a word: a browser comes again by itself.
            log.warning("a client is asked to come again: %s", words_of(error))
            self._over.set()

    def _end(self, errors: str) -> None:
        self._say(f'event: next\ndata: {{"errors":{errors}}}\n\nevent: complete\ndata:\n\n')
        self._over.set()

    def _say(self, text: str) -> None:
        self.outlet.put({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def _gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._over.set()

    def _go_on(self) -> None:
        if self._subscription:
            self._hub.go_on(self._subscription)


async def _asked(scope: Scope, receive: Receive) -> tuple[dict[str, Any], Asker | None]:
    """What is asked, and by whom. Raises `Unacceptable`."""
    if scope["method"] not in ("GET", "POST"):
        raise Unacceptable(405, "METHOD_NOT_ALLOWED", "Ask by GET or POST.")
    if not may_enter(scope):
        raise Unacceptable(403, "FORBIDDEN", "Not from this origin.")
    if not _takes_events(header(scope, b"accept")):
        raise Unacceptable(406, "NOT_ACCEPTABLE", "This address answers text/event-stream.")
    if scope["method"] == "POST":
        question = question_of(await _body(receive), header(scope, b"content-type") or "")
    else:
        question = question_in(scope["query_string"].decode("latin-1"))
    question["lastEventId"] = header(scope, b"last-event-id")
    token = header(scope, b"authorization") or token_of(scope)
    if token:
        await hub_of_process().begin()
    try:
        return question, await ADMITTING.run(lambda: session_of(token))
    except UnknownToken:
        raise Unacceptable(401, "UNAUTHENTICATED", "This token is unknown, or it has ended.") from None


def _takes_events(accept: str | None) -> bool:
    kinds = {each.partition(";")[0].strip().lower() for each in (accept or "*/*").split(",")}
    return bool(kinds & {"text/event-stream", "text/*", "*/*"})


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while len(body) <= LARGEST_BODY:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    return bytes(body)


async def _permit(send: Send, headers: origins.Headers) -> None:
    said = _as_bytes([("Allow", "GET, OPTIONS, POST"), *headers])
    await send({"type": "http.response.start", "status": 204, "headers": said})
    await send({"type": "http.response.body", "body": b""})


def _as_bytes(headers: origins.Headers) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), text.encode("latin-1")) for name, text in headers]


async def _refuse(send: Send, status: int, error: dict[str, Any], more: origins.Headers) -> None:
    body = orjson.dumps({"errors": [error]})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [*_as_bytes(more), (b"connection", b"close")] + (
        [(b"www-authenticate", b"Bearer")] if status == 401 else []
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
