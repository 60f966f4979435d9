"""What mutations do, which is the same with and without a planner; only what of their answers is shown is not."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLResolveInfo, get_argument_values
from graphql.execution.values import get_variable_values

from backend.core.refusals import Refusal
from schema.member.schema import schema

#: Functions of strawberry's.
DEEDS = schema._schema.mutation_type.fields


@dataclass(frozen=True)
class Refused:
    """A payload of which nothing was done."""

    errors: list[Any]


def deed(info: GraphQLResolveInfo) -> Any:
    """What a mutation answers, once it is done: keys of rows, or why it was not done."""
    definition = DEEDS[info.field_name]
    variables = get_variable_values(schema._schema, info.operation.variable_definitions, info.variable_values)
    answer = definition.resolve(None, info, **get_argument_values(definition, info.field_nodes[0], variables))
    if not isinstance(answer, Refusal):
        return answer
    # Not itself: graphql-core would raise what is an exception.
    return Refused([SimpleNamespace(code=answer.code, message=answer.message, field=answer.field)])
