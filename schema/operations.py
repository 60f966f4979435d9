"""From the text of a document to its answer; every door uses the same three steps: prepare, run, encode."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from graphql import (
    GraphQLError,
    OperationType,
    get_variable_values,
    is_non_null_type,
    located_error,
)

from schema.context import Context
from schema.deadlines import Deadline
from schema.documents import (
    MOST_CHARACTERS,
    Documents,
    OddCharacter,
    Operation,
    RootField,
    Unfit,
    refuse_odd_characters,
)
from schema.errors import told
from schema.execution import Execution
from schema.member.schema import schema
from schema.mutations import done_alone
from schema.persisted import known
from schema.planner.arguments import shape_of
from schema.planner.compiler import TooComplex
from schema.planner.prices import MOST_NODES, ROOT, Price

#: The schema as graphql-core knows it.
core = schema._schema
_documents = Documents(core, done_alone(core))
#: What reading a document costs that is new here, and for how many characters a point more: as much as its reader takes.
READ, CHARACTERS = 2, 100
known()  # A list that cannot be read is found when the server starts.

#: What a client is told; values that a statement has finished are `orjson.Fragment`s in it.
Told = dict[str, Any]


class BadRequest(Exception):
    """A document or its variables cannot be run as they are; `errors` is what the client is told.

    `status` is HTTP's word for it where that says more than that it was not run; `retry_after` seconds are for its header.
    """

    def __init__(
        self,
        *errors: GraphQLError,
        code: str,
        status: int = 0,
        retry_after: int = 0,
        attempts: int = 0,
    ) -> None:
        super().__init__(code)
        self.errors = [told(error, code) for error in errors]
        self.status = status
        self.retry_after = retry_after
        #: How often a document that was refused would have done what is done once a request: logged in, paid.
        self.attempts = attempts
        #: What stands beside the errors.
        self.extensions: Told = {}


def refusal(code: str, message: str) -> BadRequest:
    """What a door refuses without looking at a document."""
    return BadRequest(GraphQLError(message), code=code)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that has passed, and the variables that came with it."""

    operation: Operation
    variables: dict[str, Any]

    @property
    def kind(self) -> OperationType:
        """Whether it asks, does or follows."""
        return self.operation.definition.operation


def reading(query: str, name: str | None) -> int:
    """The points that it costs to read a document; none for one that is kept."""
    if _documents.knows(query, name):
        return 0
    return READ + (len(query) // CHARACTERS if len(query) <= MOST_CHARACTERS else 0)


def prepare(query: str, variables: dict[str, Any] | None, name: str | None) -> Prepared:
    """Parse and validate, or remember that it was done. Raises `BadRequest`."""
    try:
        refuse_odd_characters([query, variables, name])
        return Prepared(_documents.operation(query, name), variables or {})
    except OddCharacter as odd:
        raise BadRequest(GraphQLError(str(odd)), code="VALIDATION") from None
    except Unfit as unfit:
        raise BadRequest(*unfit.errors, code=unfit.code, attempts=unfit.attempts) from None


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
        failed, cost = _paid(fields, execution)
        try:
            answer = _answered(fields, execution, failed)
        finally:
            execution.deadline.close()
        answer["extensions"] = cost
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
    return failed, _cost(price)


def _with_cost(refused: BadRequest, price: Price) -> BadRequest:
    refused.extensions |= _cost(price)
    return refused


def _cost(price: Price) -> Told:
    return {"cost": {"points": price.points, "nodes": price.nodes, "mostNodes": MOST_NODES}}


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


def encode(answer: Told) -> bytes:
    """The answer as JSON; what a statement has finished goes through unread."""
    return orjson.dumps(answer)
