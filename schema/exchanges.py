"""One request over HTTP, whoever carries it and whatever schema it is for: headers and bytes in, a status, headers and
bytes out.

https://graphql.github.io/graphql-over-http/draft/ as a server keeps it.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, ClassVar

import structlog

from schema.errors import INTERNAL, RETRY_AFTER, failed
from schema.media_types import JSON, RESPONSE_JSON, answered_in
from schema.preparing import BadRequest, Prepared, encode
from schema.request_ids import REQUEST_ID, request_id_of
from schema.requests import Unacceptable

# Bound here, and not at each call: settings have told structlog everything before anything of a schema is there.
requests = structlog.get_logger("acequia.request").bind()

#: What can be asked at all.
METHODS = "GET, OPTIONS, POST"
#: Characters of an operation's name in the log.
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Reply:
    """What HTTP answers."""

    status: int
    body: bytes
    headers: list[tuple[str, str]]


def replied(exchange: "Exchange", body: bytes) -> Reply:
    """The answer to one request.

    Its `meta` is its method, address and headers by the names that CGI gave them (RFC 3875), as WSGI and Django both have
    them; `body` as much of its body as `LARGEST_BODY` and one byte more.
    """
    began = perf_counter()
    request_id = request_id_of(exchange.meta.get("HTTP_X_REQUEST_ID", ""))
    kept = REQUEST_ID.set(request_id)
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
class Exchange(ABC):
    """One request, and what has become of it so far."""

    #: What the log calls it.
    KIND: ClassVar[str]

    meta: Mapping[str, Any]
    method: str = field(init=False)
    status: int = 200
    body: bytes = b""
    told: dict[str, Any] = field(default_factory=dict)
    #: None until it is known, and where nothing that a client likes can be said.
    media_type: str | None = None
    prepared: Prepared | None = None
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

    @abstractmethod
    def headers(self) -> list[tuple[str, str]]:
        """What is said about the answer."""

    def write_down(self, request_id: str, seconds: float) -> None:
        """Its line in the log; nothing of who asked, and of what was asked the operation's name alone."""
        if not requests.is_enabled_for(logging.INFO):
            return
        operation = self.prepared and self.prepared.operation
        requests.info(
            self.KIND,
            request_id=request_id,
            method=self.method,
            operation=operation and operation.name and operation.name[:_LONGEST_NAME],
            kind=operation and operation.definition.operation.value,
            status=self.status,
            codes=[error["extensions"]["code"] for error in self.told.get("errors", ())],
            cost=self.told.get("extensions", {}).get("cost"),
            ms=round(seconds * 1000, 2),
        )

    @abstractmethod
    def _answered(self, body: bytes) -> dict[str, Any]:
        """What is answered to a body. Raises `Unacceptable`, `BadRequest`, and whatever a bug raises."""

    def _negotiate(self) -> None:
        """Find out in what it is answered. Raises `Unacceptable`."""
        if self.method == "OTHER":
            raise Unacceptable(405, "METHOD_NOT_ALLOWED", "Ask by POST, or a query by GET.", Allow=METHODS)
        self.media_type = answered_in(self.meta.get("HTTP_ACCEPT", ""))
        if self.media_type is None:
            raise Unacceptable(406, "NOT_ACCEPTABLE", f"Accept {RESPONSE_JSON} or {JSON}.")

    def _refuse(self, refusal: BadRequest) -> None:
        self.told = {"errors": refusal.errors}
        if refusal.extensions:
            self.told["extensions"] = refusal.extensions
        if refusal.status:
            self.status = refusal.status
            self.more = [("Retry-After", str(refusal.retry_after))] if refusal.retry_after else []
        elif self.media_type == RESPONSE_JSON:
            self.status = 400
