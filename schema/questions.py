"""One question to the member schema over HTTP: who asks it, and what keeps other sites' pages out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import OperationType

from schema import cookies, exchanges, origins
from schema.context import Asker, Context
from schema.exchanges import Exchange, Reply
from schema.media_types import JSON
from schema.meters import REFUSED, Meter
from schema.network import address_of
from schema.operations import prepare, reading, run
from schema.preparing import BadRequest
from schema.requests import Unacceptable, question_in, question_of
from schema.sessions import UnknownToken, session_of

#: Headers that a browser lets a page send only after it has asked us: so no form, image or link of another site has them.
_BEYOND_FORMS = ("HTTP_ACEQUIA_SESSION", "HTTP_X_REQUESTED_WITH", "HTTP_APOLLO_REQUIRE_PREFLIGHT")
#: What every answer says besides: nobody keeps it.
_ALWAYS = [("Cache-Control", "no-store"), *origins.VARIES]


def replied(meta: Mapping[str, Any], body: bytes) -> Reply:
    """The answer to one request: see `exchanges.replied`."""
    return exchanges.replied(_Exchange(meta), body)


@dataclass(slots=True)
class _Exchange(Exchange):
    """One request of a member, or of nobody."""

    KIND = "request"

    context: Context | None = None
    is_by_cookie: bool = False

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

    def _answered(self, body: bytes) -> dict[str, Any]:
        meta = self.meta
        self._negotiate()
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
