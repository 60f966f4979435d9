"""What every door does before an operation runs, whatever its schema: it is read, held against it, and paid for."""

from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema, OperationType

from schema.documents import (
    MOST_CHARACTERS,
    Documents,
    OddCharacter,
    Operation,
    Unfit,
    refuse_odd_characters,
)
from schema.errors import told
from schema.planner.prices import MOST_NODES, Price

#: What reading a document costs that is new here, and for how many characters a point more: as much as its reader takes.
READ, CHARACTERS = 2, 100

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


class Reader:
    """Reads what is asked of one schema; `alone`: the mutations that must be the only field of their operation."""

    def __init__(self, schema: GraphQLSchema, alone: frozenset[str] = frozenset()) -> None:
        self.documents = Documents(schema, alone)

    def reading(self, query: str, name: str | None) -> int:
        """The points that it costs to read a document; none for one that is kept."""
        if self.documents.knows(query, name):
            return 0
        return READ + (len(query) // CHARACTERS if len(query) <= MOST_CHARACTERS else 0)

    def prepare(self, query: str, variables: dict[str, Any] | None, name: str | None) -> Prepared:
        """Parse and validate, or remember that it was done. Raises `BadRequest`."""
        try:
            refuse_odd_characters([query, variables, name])
            return Prepared(self.documents.operation(query, name), variables or {})
        except OddCharacter as odd:
            raise BadRequest(GraphQLError(str(odd)), code="VALIDATION") from None
        except Unfit as unfit:
            raise BadRequest(*unfit.errors, code=unfit.code, attempts=unfit.attempts) from None


def cost(price: Price) -> Told:
    """A price as it is told, in an answer's `extensions`."""
    return {"cost": {"points": price.points, "nodes": price.nodes, "mostNodes": MOST_NODES}}


def encode(answer: Told) -> bytes:
    """The answer as JSON; what a statement has finished goes through unread."""
    return orjson.dumps(answer)
