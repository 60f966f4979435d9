"""From the text of a document to its answer; every door uses the same three steps: prepare, run, encode."""

from typing import Any

from django.conf import settings
from graphql import (
    GraphQLError,
    get_variable_values,
    is_non_null_type,
    located_error,
)

from schema.context import Context
from schema.deadlines import Deadline
from schema.documents import RootField
from schema.errors import told
from schema.execution import Execution
from schema.member.schema import schema
from schema.mutations import done_alone
from schema.persisted import known
from schema.planner.arguments import shape_of
from schema.planner.compiler import TooComplex
from schema.planner.prices import MOST_NODES, ROOT, Price
from schema.preparing import BadRequest, Prepared, Reader, Told, cost

#: The schema as graphql-core knows it.
core = schema._schema
reader = Reader(core, done_alone(core))
prepare, reading = reader.prepare, reader.reading
known()  # A list that cannot be read is found when the server starts.


def run(prepared: Prepared, context: Context) -> Told:
    """Answer a query or a mutation. Raises `BadRequest`."""
    operation = prepared.operation
    definitions = operation.definition.variable_definitions
    variables = get_variable_values(core, definitions, prepared.variables, max_errors=50)
    if isinstance(variables, list):
        return {"errors": [told(error) for error in variables]}
    shape = shape_of(variables)
    try:
        fields = operation.root_fields(core, variables, shape)
        execution = Execution(
            core, operation, context, variables, shape, Deadline(settings.OPERATION_SECONDS)
        )
        failed, costs = _paid(fields, execution)
        try:
            answer = _answered(fields, execution, failed)
        finally:
            execution.deadline.close()
        answer["extensions"] = costs
        return answer
    except GraphQLError as error:
        return {"errors": [told(error)]}
    except RecursionError:
        raise BadRequest(GraphQLError("It is nested too deeply."), code="QUERY_TOO_COMPLEX") from None


def _paid(fields: list[RootField], execution: Execution) -> tuple[dict[str, Exception], Told]:
    """Why some fields have no price, which is told when it is their turn; and what the others cost, which is paid."""
    failed: dict[str, Exception] = {}
    nodes = work = 0
    try:
        for field in fields:
            try:
                its_nodes, its_work = execution.price(field)
                nodes += its_nodes
                work += its_work + ROOT
            except (RecursionError, TooComplex):
                raise
            except Exception as error:
                failed[field.key] = error
        if nodes > MOST_NODES:
            raise TooComplex
    except TooComplex as refused:
        located = GraphQLError(refused.message, field.nodes)
        raise _with_cost(BadRequest(located, code=refused.code), Price(nodes, work)) from None
    price = Price(nodes, work)
    try:
        execution.context.pay(price.points)
    except BadRequest as refused:
        raise _with_cost(refused, price) from None
    return failed, cost(price)


def _with_cost(refused: BadRequest, price: Price) -> BadRequest:
    refused.extensions |= cost(price)
    return refused


def _answered(fields: list[RootField], execution: Execution, failed: dict[str, Exception]) -> Told:
    data: dict[str, Any] = {}
    errors: list[Told] = []
    is_null = False
    for field in fields:
        try:
            if field.key in failed:
                raise failed[field.key]
            execution.deadline.check()
            data[field.key] = execution.answer(field)
        except RecursionError:
            raise
        except Exception as error:
            errors.append(told(located_error(error, field.nodes, [field.key])))
            if field.definition is None or is_non_null_type(field.definition.type):
                # What cannot be null takes all with it, and of a mutation nothing more is done.
                is_null = True
                break
            data[field.key] = None
    errors += [told(error) for error in execution.errors]
    return ({"errors": errors} if errors else {}) | {"data": None if is_null else data}
