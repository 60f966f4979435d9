"""What a client is told of a failure: a refusal by its code, anything unexpected only by the id that it has in the log."""

import logging
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from graphql import GraphQLError
from redis.exceptions import RedisError

from backend.core.refusals import Refusal
from schema.request_ids import REQUEST_ID, new_id

log = logging.getLogger("acequia.graphql")

INTERNAL, TIMEOUT, UNAVAILABLE = "INTERNAL", "TIMEOUT", "UNAVAILABLE"
_WORDS = {
    INTERNAL: "Something went wrong here, and it is written down.",
    TIMEOUT: "It took too long, and nothing was done. Ask for less, or try again later.",
    UNAVAILABLE: "It cannot be done at this moment, and nothing was done. Try again later.",
}
#: Seconds after which what is the moment's fault is worth another try; the servers come back sooner, or much later.
RETRY_AFTER = 2

# SQLSTATEs (PostgreSQL, appendix A): a statement, a lock, or a transaction that idled, took too long;
_TOO_LONG = ("57014", "55P03", "25P03", "25P04")
# and the connection was lost, nobody can be served, resources are used up (connections, memory, disk), nothing may be
# written now (a standby), two transactions stood in each other's way, a file could not be read or written.
_OF_THE_MOMENT = ("08", "57P", "53", "25006", "40", "58030")


def told(error: GraphQLError, code: str | None = None) -> dict[str, Any]:
    """An error as its client reads it (GraphQL, 7.1.2); what is a bug is written down."""
    said: dict[str, Any] = {"message": error.message.partition(" Did you mean ")[0]}
    if error.locations:
        said["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        said["path"] = error.path
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    # What graphql-core itself refuses while it runs, a null for a required argument or directive, names its place in
    # the document; a value of ours that does not fit its type names none, and is a bug.
    is_the_clients = isinstance(cause, GraphQLError) and bool(cause.nodes)
    if isinstance(cause, Refusal):
        said["extensions"] = {"code": cause.code} | ({"field": cause.field} if cause.field else {})
    elif error.path and not is_the_clients:
        said |= failed(cause, error.path)
    else:
        said["extensions"] = {"code": code or "VALIDATION"}
    return said


def failed(cause: Exception, path: list[str | int] | None = None) -> dict[str, Any]:
    """The same of something that nobody expected, which is written down; nothing of what it says itself is told."""
    code = code_of(cause)
    request_id = REQUEST_ID.get() or new_id()
    place = f"at {path}" if path else "before anything was answered"
    if code == UNAVAILABLE:
        # Many at once, and each the same: where it happened says nothing.
        log.warning("request %s found no help %s: %s", request_id, place, words_of(cause))
    else:
        log.error("request %s failed %s", request_id, place, exc_info=cause)
    return {"message": _WORDS[code], "extensions": {"code": code, "requestId": request_id}}


def code_of(cause: BaseException) -> str:
    """`TIMEOUT` and `UNAVAILABLE` where the moment is to blame, and the same may do later; else `INTERNAL`."""
    if isinstance(cause, RedisError):
        return UNAVAILABLE
    state = sqlstate_of(cause)
    if state is None:
        # libpq's own words for a connection that is lost, and the pool's for none that is free, have no code.
        is_away = isinstance(
            cause, OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError
        )
        return UNAVAILABLE if is_away else INTERNAL
    if state in _TOO_LONG:
        return TIMEOUT
    return UNAVAILABLE if state.startswith(_OF_THE_MOMENT) else INTERNAL


def sqlstate_of(cause: BaseException) -> str | None:
    """PostgreSQL's code of an error, whether Django has wrapped it or not."""
    for each in (cause, cause.__cause__):
        if (state := getattr(each, "sqlstate", None)) is not None:
            return str(state)
    return None


def words_of(cause: BaseException) -> str:
    """What an error is, and nothing of what it says: PostgreSQL repeats the row, and the text, that it is about."""
    state = sqlstate_of(cause)
    return type(cause).__name__ + (f" {state}" if state else "")
