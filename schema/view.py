"""`/graphql` over HTTP: one JSON request, one JSON answer (GraphQL over HTTP)."""

import json
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from graphql import OperationType

from backend.accounts.models import Session
from backend.boards.models import Board
from schema.context import Context
from schema.graphiql import PROJECT_SLUG, graphiql_page
from schema.ids import to_global_id
from schema.operations import BadRequest, encode, prepare, run
from schema.sessions import session_of

#: Bytes of a request; the longest text that an input takes fits in twice.
LARGEST_BODY = 64 * 1024


class Unacceptable(Exception):
    """The request is not one that GraphQL can be asked by; `status` is HTTP's word for it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "extensions": {"code": code}}


# It reads no cookie, so it needs no token against forgery: a header is nothing that another site's page could send.
def graphql(request: HttpRequest) -> HttpResponse:
    """Answer a query or a mutation; in development, show GraphiQL to a browser that asks by GET."""
    if request.method == "GET" and settings.DEVELOPMENT and "text/html" in request.headers.get("Accept", ""):
        board = Board.objects.filter(project__slug=PROJECT_SLUG).order_by("id").first()
        return graphiql_page(request, board_id=to_global_id("Board", board.pk) if board else None)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        asked = _question(request)
        session = _session(request)
        operation = prepare(asked["query"], asked.get("variables"), asked.get("operationName"))
        if operation.kind is OperationType.SUBSCRIPTION:
            raise Unacceptable(
                400, "OPERATION_NOT_ALLOWED", "Subscriptions are for the socket at this address."
            )
        context = Context(session=session, user_agent=request.headers.get("User-Agent", ""))
        answer = run(operation, context)
    except Unacceptable as refusal:
        return _answer({"errors": [refusal.error]}, refusal.status)
    except BadRequest as refusal:
        return _answer({"errors": refusal.errors}, 400)
    return _answer(answer, 200 if "data" in answer else 400)


def _session(request: HttpRequest) -> Session | None:
    try:
        return session_of(request.headers.get("Authorization", ""))
    except LookupError:
        # Not treated as nobody: a client whose token has ended must learn that it has.
        raise Unacceptable(401, "UNAUTHENTICATED", "This token is unknown, or it has ended.") from None


def _question(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Unacceptable(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json.")
    body = request.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise Unacceptable(413, "TOO_LARGE", f"A request has at most {LARGEST_BODY} bytes.")
    try:
        asked = json.loads(body.decode(), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except RecursionError:
        raise Unacceptable(400, "BAD_REQUEST", "It is nested too deeply.") from None
    except ValueError:
        raise Unacceptable(400, "BAD_REQUEST", "This is not JSON that can be read.") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        raise Unacceptable(400, "BAD_REQUEST", "Send an object whose `query` is a text.")
    if not isinstance(asked.get("variables"), dict | None):
        raise Unacceptable(400, "BAD_REQUEST", "`variables` is an object.")
    if not isinstance(asked.get("extensions"), dict | None):
        raise Unacceptable(400, "BAD_REQUEST", "`extensions` is an object.")
    if not isinstance(asked.get("operationName"), str | None):
        raise Unacceptable(400, "BAD_REQUEST", "`operationName` is a text.")
    return asked


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON (RFC 8259)")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _answer(content: dict[str, Any], status: int) -> HttpResponse:
    response = HttpResponse(encode(content), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response
