"""One GraphQL request over HTTP, whoever carries it: bytes in, a status and bytes out (GraphQL over HTTP)."""

import json
import logging
import uuid
from dataclasses import dataclass
from typing import Any, NoReturn

from django.utils.http import parse_header_parameters
from graphql import OperationType

from schema.context import Asker, Context
from schema.operations import BadRequest, encode, prepare, run
from schema.persisted import NotPersisted, persisted
from schema.sessions import session_of

log = logging.getLogger("acequia.graphql")

#: Bytes of a request; the longest text that an input takes fits in twice.
LARGEST_BODY = 64 * 1024
_JSON = "application/json"
_NO_QUERY = "Send an object whose `query` is a text."


@dataclass(frozen=True, slots=True)
class Reply:
    """What HTTP answers."""

    status: int
    body: bytes

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What is said about the body: nobody keeps it."""
        said = [("Content-Type", _JSON), ("Cache-Control", "no-store")]
        return [*said, ("WWW-Authenticate", "Bearer")] if self.status == 401 else said


class Unacceptable(Exception):
    """The request is not one that GraphQL can be asked by; `status` is HTTP's word for it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "extensions": {"code": code}}


def replied(body: bytes, *, content_type: str, authorization: str = "", user_agent: str = "") -> Reply:
    """The answer to the body of a POST; of a longer one the first `LARGEST_BODY` bytes and one more will do."""
    try:
        asked = question_of(body, content_type)
        session = _session(authorization)
        operation = prepare(asked["query"], asked.get("variables"), asked.get("operationName"))
        if operation.kind is OperationType.SUBSCRIPTION:
            text = "Subscriptions are for the socket at this address."
            raise Unacceptable(400, "OPERATION_NOT_ALLOWED", text)
        answer = run(operation, Context(session=session, user_agent=user_agent))
        return Reply(200 if "data" in answer else 400, encode(answer))
    except Unacceptable as refusal:
        return _refused(refusal.status, refusal.error)
    except BadRequest as refusal:
        return _refused(400, *refusal.errors, **refusal.extensions)
    except Exception:
        request_id = uuid.uuid4().hex
        log.exception("request %s failed before anything was answered", request_id)
        message = "Something went wrong here, and it is written down."
        return _refused(
            500, {"message": message, "extensions": {"code": "INTERNAL", "requestId": request_id}}
        )


def _refused(status: int, *errors: dict[str, Any], **extensions: Any) -> Reply:
    return Reply(status, encode({"errors": errors} | ({"extensions": extensions} if extensions else {})))


def _session(authorization: str) -> Asker | None:
    try:
        return session_of(authorization)
    except LookupError:
        # Not treated as nobody: a client whose token has ended must learn that it has.
        raise Unacceptable(401, "UNAUTHENTICATED", "This token is unknown, or it has ended.") from None


def question_of(body: bytes, content_type: str) -> dict[str, Any]:
    """What the body of a POST asks. Raises `Unacceptable`."""
    if content_type != _JSON and parse_header_parameters(content_type)[0] != _JSON:
        raise Unacceptable(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json.")
    if len(body) > LARGEST_BODY:
        raise Unacceptable(413, "TOO_LARGE", f"A request has at most {LARGEST_BODY} bytes.")
    try:
        asked = json.loads(body.decode(), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except RecursionError:
        raise Unacceptable(400, "BAD_REQUEST", "It is nested too deeply.") from None
    except ValueError:
        raise Unacceptable(400, "BAD_REQUEST", "This is not JSON that can be read.") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str | None):
        raise Unacceptable(400, "BAD_REQUEST", _NO_QUERY)
    if not isinstance(asked.get("variables"), dict | None):
        raise Unacceptable(400, "BAD_REQUEST", "`variables` is an object.")
    if not isinstance(asked.get("extensions"), dict | None):
        raise Unacceptable(400, "BAD_REQUEST", "`extensions` is an object.")
    if not isinstance(asked.get("operationName"), str | None):
        raise Unacceptable(400, "BAD_REQUEST", "`operationName` is a text.")
    try:
        query = persisted(asked)
    except NotPersisted as refused:
        # Apollo's clients send the document then, and not every one of them looks into an answer that is no 200.
        status = 400 if refused.code in ("BAD_REQUEST", "PERSISTED_QUERY_NOT_IN_LIST") else 200
        raise Unacceptable(status, refused.code, str(refused)) from None
    if query is None:
        raise Unacceptable(400, "BAD_REQUEST", _NO_QUERY)
    return asked | {"query": query}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON (RFC 8259)")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
