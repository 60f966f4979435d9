"""One GraphQL request over HTTP, whoever carries it: its headers and bytes in, a status, headers and bytes out.

https://graphql.github.io/graphql-over-http/draft/ as a server keeps it, with what keeps other sites' pages out.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import structlog
from graphql import OperationType

from schema import cookies, origins
from schema.context import Asker, Context
from schema.errors import INTERNAL, RETRY_AFTER, failed
from schema.media_types import JSON, RESPONSE_JSON, answered_in
from schema.meters import REFUSED, Meter
from schema.network import address_of
from schema.operations import BadRequest, Prepared, encode, prepare, reading, run
from schema.request_ids import REQUEST_ID, request_id_of
from schema.requests import Unacceptable, question_in, question_of
from schema.sessions import UnknownToken, session_of

# Bound here, and not at each call: settings have told structlog everything before anything of a schema is there.
requests = structlog.get_logger("acequia.request").bind()

#: What can be asked here at all.
METHODS = "GET, OPTIONS, POST"
#: Characters of an operation's name in the log.
_LONGEST_NAME = 60
#: Headers that a browser lets a page send only after it has asked us: so no form, image or link of another site has them.
_BEYOND_FORMS = ("HTTP_ACEQUIA_SESSION", "HTTP_X_REQUESTED_WITH", "HTTP_APOLLO_REQUIRE_PREFLIGHT")
#: What every answer says besides: nobody keeps it.
_ALWAYS = [("Cache-Control", "no-store"), *origins.VARIES]


@dataclass(frozen=True, slots=True)
class Reply:
    """What HTTP answers."""

    status: int
    body: bytes
    headers: list[tuple[str, str]]


def replied(meta: Mapping[str, Any], body: bytes) -> Reply:
    """The answer to one request.

    `meta` is its method, address and headers by the names that CGI gave them (RFC 3875), as WSGI and Django both have them;
    `body` as much of its body as `LARGEST_BODY` and one byte more.
    """
    began = perf_counter()
    request_id = request_id_of(meta.get("HTTP_X_REQUEST_ID", ""))
    kept = REQUEST_ID.set(request_id)
    exchange = _Exchange(meta)
    try:
        exchange.answer(body)
        said = exchange.headers()
    finally:
        REQUEST_ID.reset(kept)
    said.append(("X-Request-Id", request_id))
    # Should nobody read the log any more, or the disk be full, what was asked has its answer all the same.
    with suppress(OSError, ValueError):
        exchange.write_down(request_id, perf_counter() - began)
    return Reply(exchange.status, exchange.body, said)


@dataclass(slots=True)
class _Exchange:
    """One request, and what has become of it so far."""

    meta: Mapping[str, Any]
    method: str = field(init=False)
    status: int = 200
    body: bytes = b""
    told: dict[str, Any] = field(default_factory=dict)
    #: None until it is known, and where nothing that a client likes can be said.
    media_type: str | None = None
    prepared: Prepared | None = None
    context: Context | None = None
    is_by_cookie: bool = False
    more: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # What is no method of HTTP is nothing that a log should repeat.
        method = self.meta["REQUEST_METHOD"]
        self.method = method if method in ("POST", "GET", "OPTIONS") else "OTHER"

    def answer(self, body: bytes) -> None:
        """Find the answer, whatever it is."""
        if self.method == "OPTIONS":
            self.status = 204
            self.more = [("Allow", METHODS)]
            return
        try:
            self.told = self._answered(body)
            self.body = encode(self.told)
            # GraphQL over HTTP, 6.4: what was not run has no data; the older media type knows no status for that.
            if "data" not in self.told and self.media_type == RESPONSE_JSON:
                self.status = 400
            return
        except Unacceptable as refusal:
            self.status, self.more = refusal.status, refusal.headers
            self.told = {"errors": [refusal.error]}
        except BadRequest as refusal:
            self._refuse(refusal)
        except Exception as error:
            said = failed(error)
            self.status = 500 if said["extensions"]["code"] == INTERNAL else 503
            self.told = {"errors": [said]}
        if self.status == 503:
            self.more = [("Retry-After", str(RETRY_AFTER))]
        self.body = encode(self.told)

    def headers(self) -> list[tuple[str, str]]:
        """What is said about the answer."""
        meta, said = self.meta, [*_ALWAYS, *self.more]
        origin = meta.get("HTTP_ORIGIN", "")
        if self.method == "OPTIONS":
            asks_first = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in meta
            return [*self.more, *(origins.preflight(origin, "GET, POST") if asks_first else origins.VARIES)]
        said.append(("Content-Type", self.media_type or JSON))
        if origin:
            said += origins.shared_with(origin)
        if self.status == 401:
            said.append(("WWW-Authenticate", "Bearer"))
        if cookie := self._cookie():
            said.append(("Set-Cookie", cookie))
        return said

    def write_down(self, request_id: str, seconds: float) -> None:
        """Its line in the log; nothing of who asked, and of what was asked the operation's name alone."""
        if not requests.is_enabled_for(logging.INFO):
            return
        operation = self.prepared and self.prepared.operation
        requests.info(
            "request",
            request_id=request_id,
            method=self.method,
            operation=operation and operation.name and operation.name[:_LONGEST_NAME],
            kind=operation and operation.definition.operation.value,
            status=self.status,
            codes=[error["extensions"]["code"] for error in self.told.get("errors", ())],
            cost=self.told.get("extensions", {}).get("cost"),
            ms=round(seconds * 1000, 2),
        )

    def _answered(self, body: bytes) -> dict[str, Any]:
        meta = self.meta
        if self.method == "OTHER":
            raise Unacceptable(405, "METHOD_NOT_ALLOWED", "Ask by POST, or a query by GET.", Allow=METHODS)
        self.media_type = answered_in(meta.get("HTTP_ACCEPT", ""))
        if self.media_type is None:
            raise Unacceptable(406, "NOT_ACCEPTABLE", f"Accept {RESPONSE_JSON} or {JSON}.")
        address = address_of(meta)
        try:
            if self.method == "GET":
                asked = question_in(meta.get("QUERY_STRING", ""))
            else:
                asked = question_of(body, meta.get("CONTENT_TYPE", ""))
            session = self._session()
        except Unacceptable:
            # Who asked is not known, and it has been read, or looked for, all the same.
            Meter(None, address).pay(REFUSED)
            raise
        meter = Meter(session, address)
        self.context = Context(
            session=session,
            user_agent=meta.get("HTTP_USER_AGENT", ""),
            address=address,
            pay=meter.pay,
            rate_limit=meter.rate_limit,
            wants_cookie=self._wants_cookie(),
        )
        # Before it is read, which is most of what a hostile document costs: whoever has nothing left is refused unread.
        if points := reading(asked["query"], asked.get("operationName")):
            meter.pay(points)
        try:
            return self._run(asked, self.context)
        except BadRequest as refusal:
            if not refusal.extensions:
                # It has no price, and has taken its time all the same.
                meter.pay_for_refusal(refusal.attempts, was_read=points > 0)
            raise

    def _run(self, asked: dict[str, Any], context: Context) -> dict[str, Any]:
        self.prepared = prepare(asked["query"], asked.get("variables"), asked.get("operationName"))
        kind = self.prepared.kind
        if kind is OperationType.SUBSCRIPTION:
            text = "Subscriptions are for the socket at this address."
            raise Unacceptable(400, "OPERATION_NOT_ALLOWED", text)
        if kind is OperationType.MUTATION and self.method == "GET":
            raise Unacceptable(405, "OPERATION_NOT_ALLOWED", "Mutations are sent by POST.", Allow="POST")
        told = run(self.prepared, context)
        if context.retry_after:
            self.more = [("Retry-After", str(context.retry_after))]
        return told

    def _refuse(self, refusal: BadRequest) -> None:
        self.told = {"errors": refusal.errors}
        if refusal.extensions:
            self.told["extensions"] = refusal.extensions
        if refusal.status:
            self.status = refusal.status
            self.more = [("Retry-After", str(refusal.retry_after))] if refusal.retry_after else []
        elif self.media_type == RESPONSE_JSON:
            self.status = 400

    def _session(self) -> Asker | None:
        authorization = self.meta.get("HTTP_AUTHORIZATION", "")
        if not authorization and (token := cookies.token_in(self.meta.get("HTTP_COOKIE", ""))):
            self._refuse_strangers()
            self.is_by_cookie = True
            authorization = f"Bearer {token}"
        try:
            return session_of(authorization)
        except UnknownToken:
            # Not treated as nobody: a client whose token has ended must learn that it has.
            raise Unacceptable(401, "UNAUTHENTICATED", "This token is unknown, or it has ended.") from None

    def _wants_cookie(self) -> bool:
        wish = self.meta.get("HTTP_ACEQUIA_SESSION")
        if wish is None:
            return False
        if wish.strip().lower() != "cookie":
            raise Unacceptable(400, "BAD_REQUEST", "`Acequia-Session` says `cookie`, or is left out.")
        # A page of another site must not be able to log somebody in either.
        self._refuse_strangers()
        return True

    def _refuse_strangers(self) -> None:
        """A cookie comes with whatever a browser sends us, whosever page made it; so ask who made it (OWASP, CSRF).

        A browser says the page's origin with each POST. With a GET of the page's own site it does not, and then a header
        that needs a script of an allowed page speaks for it.
        """
        origin = self.meta.get("HTTP_ORIGIN")
        is_ours = origin is not None and origins.is_allowed(origin)
        if self.method == "GET" and any(name in self.meta for name in _BEYOND_FORMS):
            is_ours = is_ours or origin is None
        elif self.method == "GET":
            is_ours = False
        if not is_ours:
            text = "A session in a cookie counts only for pages of the allowed origins; see README."
            raise Unacceptable(403, "CSRF", text)

    def _cookie(self) -> str | None:
        if self.status == 401 and self.is_by_cookie:
            # The page cannot see it, so cannot drop it: it would never get in again.
            return cookies.forgetting()
        context = self.context
        if context is None or context.new_token is None:
            return None
        if not context.new_token:
            return cookies.forgetting() if self.is_by_cookie or context.wants_cookie else None
        if not context.wants_cookie or context.session is None:
            return None
        return cookies.keeping(context.new_token, context.session.expires_at)
