"""One question to open data over HTTP: whoever asks is nobody, so every page may ask, and any cache keep the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from schema import exchanges
from schema.exchanges import METHODS, Exchange, Reply
from schema.media_types import JSON
from schema.meters import REFUSED, Meter
from schema.network import address_of
from schema.opendata.answers import KEPT
from schema.opendata.running import reader, run
from schema.preparing import BadRequest
from schema.requests import Unacceptable, question_in, question_of

PATH = "/open-data/graphql"

#: Every page of every site, without its cookies (Fetch, the CORS protocol).
_OPEN = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id"),
]
_PREFLIGHT = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", METHODS),
    ("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, If-None-Match"),
    ("Access-Control-Max-Age", "7200"),
]


def replied(meta: Mapping[str, Any], body: bytes) -> Reply:
    """The answer to one request: see `exchanges.replied`."""
    return exchanges.replied(_Exchange(meta), body)


@dataclass(slots=True)
class _Exchange(Exchange):
    """One request of anybody. A cookie or a token that comes with it is not read."""

    KIND = "open data"

    etag: str = ""

    def answer(self, body: bytes) -> None:
        """Find the answer; what the client has already is not sent again (RFC 9110, 13.1.2)."""
        Exchange.answer(self, body)
        if self.status != 200 or "errors" in self.told or self.method not in ("GET", "POST"):
            return
        self.etag = f'"{sha256(self.body).hexdigest()[:32]}"'
        if self.method == "GET" and _names(self.meta.get("HTTP_IF_NONE_MATCH", ""), self.etag):
            self.status, self.body = 304, b""

    def headers(self) -> list[tuple[str, str]]:
        """What is said about the answer."""
        if self.method == "OPTIONS":
            return [*self.more, *_PREFLIGHT]
        said = [*self.more, *_OPEN, ("Vary", "Accept"), ("Content-Type", self.media_type or JSON)]
        if self.etag:
            return [*said, ("ETag", self.etag), ("Cache-Control", f"public, max-age={KEPT}")]
        return [*said, ("Cache-Control", "no-store")]

    def _answered(self, body: bytes) -> dict[str, Any]:
        meta = self.meta
        self._negotiate()
        meter = Meter(None, address_of(meta))
        try:
            if self.method == "GET":
                asked = question_in(meta.get("QUERY_STRING", ""), _asked)
            else:
                asked = question_of(body, meta.get("CONTENT_TYPE", ""), _asked)
        except Unacceptable:
            meter.pay(REFUSED)
            raise
        query, name = asked["query"], asked.get("operationName")
        # Before it is read, which is most of what a hostile document costs.
        if points := reader.reading(query, name):
            meter.pay(points)
        try:
            self.prepared = reader.prepare(query, asked.get("variables"), name)
            return run(self.prepared, meter.pay)
        except BadRequest as refusal:
            if not refusal.extensions:
                meter.pay_for_refusal(refusal.attempts, was_read=points > 0)
            raise


def _asked(asked: Mapping[str, Any]) -> str | None:
    """The document itself: here nobody keeps a list of those that may be asked."""
    query = asked.get("query")
    return query if isinstance(query, str) else None


def _names(said: str, etag: str) -> bool:
    """Whether `If-None-Match` names it; weak or strong, a page is the same."""
    return said.strip() == "*" or etag in [each.strip().removeprefix("W/") for each in said.split(",")]
