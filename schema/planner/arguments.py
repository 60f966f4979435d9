"""The arguments of a field: what they are while its plan is made, and what they will be each time that it runs."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputType,
    ValueNode,
    VariableNode,
    get_argument_values,
    value_from_ast,
)

from schema.planner.slots import Run, Slot


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument; null when it is absent and has no default."""

    now: Any
    #: What it is in a run; `now` is of the same shape, and nothing else of it may decide about the plan.
    at: Callable[[Run], Any]

    def then(self, make: Callable[[Any], Any]) -> "Argument":
        """What `make` makes of it, in each run."""
        at = self.at
        return Argument(self.now, lambda run: make(at(run)))

    def slot(self, kind: str) -> Slot:
        """Its place in a statement."""
        return Slot(self.at, kind)


def arguments_of(field: GraphQLField, node: FieldNode, variables: dict[str, Any]) -> dict[str, Argument]:
    """The arguments of a field by name. Raises `GraphQLError` where they do not hold with these variables."""
    values = get_argument_values(field, node, variables)
    given = {each.name.value: each.value for each in node.arguments}
    return {
        name: Argument(values.get(name), _reader(given.get(name), field.args[name].type, values.get(name)))
        for name in field.args
    }


def _reader(node: ValueNode | None, type_: GraphQLInputType, now: Any) -> Callable[[Run], Any]:
    if isinstance(node, VariableNode):
        name = node.name.value
        return lambda run: run.variables.get(name, now)
    if node is not None and _has_variable(node):
        return lambda run: value_from_ast(node, type_, run.variables)
    return lambda run: now


def _has_variable(node: Any) -> bool:
    if isinstance(node, VariableNode):
        return True
    inner = [each.value for each in getattr(node, "fields", ())] + list(getattr(node, "values", ()))
    return any(_has_variable(each) for each in inner)


def shape_of(value: Any) -> Hashable:
    """What a plan may depend on in the value of a variable: not how long a page is, but whether there is a cursor.

    Values of one shape are served by one plan, so the shapes of a document are few and its texts and numbers do not count.
    """
    if value is None or isinstance(value, bool | Enum):
        return value
    if isinstance(value, str):
        # A filter leaves out what is blank.
        return "blank" if not value.strip() else "text"
    if isinstance(value, dict):
        return tuple((name, shape_of(each)) for name, each in value.items())
    if isinstance(value, list):
        return tuple(shape_of(each) for each in value)
    return "number"
