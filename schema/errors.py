"""What a client is told of a failure: a refusal by its code, anything unexpected only by the id that it has in the log."""

import logging
import uuid
from typing import Any

from graphql import GraphQLError

from backend.core.refusals import Refusal

log = logging.getLogger("acequia.graphql")

#: SQLSTATE of a statement that PostgreSQL has stopped, and of one that has waited long enough for a lock.
_TOO_LONG = ("57014", "55P03")


def told(error: GraphQLError, code: str | None = None) -> dict[str, Any]:
    """An error as its client reads it (GraphQL, 7.1.2); what is a bug is written down."""
    said: dict[str, Any] = {"message": error.message.partition(" Did you mean ")[0]}
    if error.locations:
        said["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        said["path"] = error.path
    extensions: dict[str, Any] = {"code": code or "VALIDATION"}
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    # What graphql-core itself refuses while it runs, a null for a required argument or directive, names its place in
    # the document; a value of ours that does not fit its type names none, and is a bug.
    is_the_clients = isinstance(cause, GraphQLError) and bool(cause.nodes)
    if isinstance(cause, Refusal):
        extensions = {"code": cause.code} | ({"field": cause.field} if cause.field else {})
    elif error.path and not is_the_clients:
        request_id = uuid.uuid4().hex
        log.error("request %s failed at %s", request_id, error.path, exc_info=cause)
        said["message"] = "Something went wrong here, and it is written down."
        extensions = {"code": "INTERNAL", "requestId": request_id}
        if getattr(cause.__cause__ or cause, "sqlstate", None) in _TOO_LONG:
            said["message"] = "It took too long, and was stopped."
            extensions["code"] = "TIMEOUT"
    said["extensions"] = extensions
    return said
