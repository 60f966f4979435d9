"""From an operation that holds to its answer: priced, and kept for whoever asks the same."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import orjson
from django.conf import settings
from graphql import GraphQLError, execute_sync, get_variable_values, print_schema

from schema.deadlines import Deadline
from schema.errors import told
from schema.introspection import introspection
from schema.opendata.answers import answers, key_of
from schema.opendata.connections import Asked
from schema.opendata.prices import price
from schema.opendata.role import DATABASE
from schema.opendata.schema import core
from schema.opendata.selections import Selections
from schema.planner.compiler import TooComplex
from schema.planner.prices import MOST_NODES, Price
from schema.preparing import BadRequest, Prepared, Reader, Told, cost

reader = Reader(core)
#: What an answer depends on besides the question.
VERSION = sha256(print_schema(core).encode()).hexdigest()


def run(prepared: Prepared, pay: Callable[[int], None]) -> Told:
    """Answer a query. Raises `BadRequest`."""
    operation = prepared.operation
    variables = get_variable_values(
        core, operation.definition.variable_definitions, prepared.variables, max_errors=50
    )
    if isinstance(variables, list):
        return {"errors": [told(error) for error in variables]}
    try:
        paid = _paid(prepared, variables, pay)
    except GraphQLError as error:
        return {"errors": [told(error)]}
    except RecursionError:
        raise BadRequest(GraphQLError("It is nested too deeply."), code="QUERY_TOO_COMPLEX") from None
    failed: Told = {}

    def make() -> bytes | None:
        nonlocal failed
        answer = _answered(prepared)
        if "errors" in answer:
            # Told to whoever asked, and kept for nobody.
            failed = answer
            return None
        return orjson.dumps(answer["data"])

    found = answers().get(key_of(operation, variables, VERSION), make)
    answer = failed if found is None else {"data": orjson.Fragment(found)}
    return answer | {"extensions": cost(paid)}


def _paid(prepared: Prepared, variables: dict[str, Any], pay: Callable[[int], None]) -> Price:
    operation = prepared.operation
    selections = Selections(core, operation.fragments, variables)
    shape = tuple(sorted((name, value) for name, value in variables.items() if isinstance(value, bool)))
    fields = operation.root_fields(core, variables, shape)
    known = introspection(core)
    asked = known.price(
        [node for field in fields if field.definition is None for node in field.nodes], operation.fragments
    )
    if asked.nodes > known.most_nodes:
        said = f"It asks for {asked.nodes:,} things of the schema; at most {known.most_nodes:,} are told."
        raise BadRequest(GraphQLError(said), code=TooComplex.code)
    its = price(fields, selections, variables)
    found = Price(its.nodes, its.work + asked.work)
    if found.nodes > MOST_NODES:
        raise _with_cost(BadRequest(GraphQLError(TooComplex.message), code=TooComplex.code), found)
    try:
        pay(found.points)
    except BadRequest as refused:
        raise _with_cost(refused, found) from None
    return found


def _with_cost(refused: BadRequest, found: Price) -> BadRequest:
    refused.extensions |= cost(found)
    return refused


def _answered(prepared: Prepared) -> Told:
    operation = prepared.operation
    deadline = Deadline(settings.OPERATION_SECONDS, DATABASE)
    try:
        result = execute_sync(
            core,
            operation.document,
            variable_values=prepared.variables,
            operation_name=operation.name,
            context_value=Asked(deadline),
        )
    finally:
        deadline.close()
    errors = {"errors": [told(error) for error in result.errors]} if result.errors else {}
    return errors | {"data": result.data}
