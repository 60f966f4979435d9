"""From the text of a document to its answer; every door uses the same three steps: prepare, execute, answer."""

import logging
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationType,
    StringValueNode,
    Visitor,
    create_source_event_stream,
    execute,
    get_operation_ast,
    parse,
    validate,
    visit,
)

from backend.core.refusals import Refusal
from schema.context import Context
from schema.member.schema import schema

log = logging.getLogger("acequia.graphql")

#: A longer document is not a question but an attack.
MOST_TOKENS = 1_000
_core = schema._schema


class BadRequest(Exception):
    """A document or its variables cannot be run as they are; `errors` is what the client is told."""

    def __init__(self, *errors: GraphQLError, code: str) -> None:
        super().__init__(code)
        self.errors = [_told(error, code) for error in errors]


@dataclass(frozen=True)
class Operation:
    """A document that has passed, and the one of its operations that shall run."""

    document: DocumentNode
    name: str | None
    variables: dict[str, Any]
    kind: OperationType


def prepare(query: str, variables: dict[str, Any] | None, name: str | None) -> Operation:
    """Parse and validate. Raises `BadRequest`."""
    try:
        _refuse_odd_characters([query, variables, name])
        document = parse(query, max_tokens=MOST_TOKENS)
        _refuse_nul(document, query)
        problems = validate(_core, document, max_errors=5)
    except OddCharacter as odd:
        raise BadRequest(GraphQLError(str(odd)), code="VALIDATION") from None
    except GraphQLError as error:
        # Its parser's words for too many tokens, and for too many levels of braces and brackets.
        too_complex = error.message.endswith("Parsing aborted.")
        raise BadRequest(error, code="QUERY_TOO_COMPLEX" if too_complex else "GRAPHQL_PARSE_FAILED") from None
    except RecursionError:
        raise BadRequest(GraphQLError("It is nested too deeply."), code="QUERY_TOO_COMPLEX") from None
    if problems:
        # graphql-core's words when it has compared more fields with one another than it will.
        too_complex = any(problem.message == "Validation aborted." for problem in problems)
        raise BadRequest(*problems, code="QUERY_TOO_COMPLEX" if too_complex else "GRAPHQL_VALIDATION_FAILED")
    operation = get_operation_ast(document, name)
    if operation is None:
        raise BadRequest(GraphQLError("Name one operation of the document."), code="OPERATION_NOT_FOUND")
    return Operation(document, name, variables or {}, operation.operation)


async def run(operation: Operation, context: Context, root: Any = None) -> dict[str, Any]:
    """Execute a query, a mutation, or a subscription's selection for one event (`root`); what the client is told."""
    try:
        result = execute(
            _core,
            operation.document,
            root_value=root,
            context_value=context,
            variable_values=operation.variables,
            operation_name=operation.name,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
    except RecursionError:
        raise BadRequest(GraphQLError("It is nested too deeply."), code="QUERY_TOO_COMPLEX") from None
    return told(result)


async def events(operation: Operation, context: Context) -> AsyncGenerator[dict[str, Any], None]:
    """The answers of a subscription, one an event; a refusal is its last. Raises `BadRequest`."""
    source: Any = await create_source_event_stream(
        _core,
        operation.document,
        context_value=context,
        variable_values=operation.variables,
        operation_name=operation.name,
    )
    if isinstance(source, ExecutionResult):
        yield told(source)
        return
    try:
        async for event in source:
            # A context of its own: what was read for the last event is old.
            yield await run(operation, context.fresh(), root=event)
            # No request ends here, so the connection goes back to the pool by hand, broken or not.
            await sync_to_async(close_old_connections)()
    except Refusal as refusal:
        yield {"data": None, "errors": [_told(GraphQLError(refusal.message, original_error=refusal))]}
    finally:
        await source.aclose()


def told(result: ExecutionResult) -> dict[str, Any]:
    """A result as its client reads it: refusals by their code, anything unexpected only by the id it has in the log."""
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [_told(error) for error in result.errors]
    # Without a path it happened before anything ran: then there is no data, not even null.
    if not result.errors or result.data is not None or any(error.path for error in result.errors):
        answer["data"] = result.data
    return answer


def _told(error: GraphQLError, code: str | None = None) -> dict[str, Any]:
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
    said["extensions"] = extensions
    return said


class OddCharacter(ValueError):
    """A text holds what can be escaped into JSON or GraphQL, and stored nowhere."""


def _refuse_odd_characters(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise OddCharacter("A text cannot hold a NUL character.")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise OddCharacter("A text cannot hold half a character.") from None
    elif isinstance(value, dict):
        _refuse_odd_characters([*value, *value.values()])
    elif isinstance(value, list):
        for each in value:
            _refuse_odd_characters(each)


class _NulFinder(Visitor):
    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        _refuse_odd_characters(node.value)


def _refuse_nul(document: DocumentNode, query: str) -> None:
    # PostgreSQL's text knows no NUL; only an escape can bring one in, so most documents are not walked for it.
    if "\\u" in query:
        visit(document, _NulFinder())
