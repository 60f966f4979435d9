"""What of a type is selected, as graphql-core would collect it: fragments spread, directives heeded, aliases as one."""

from collections.abc import Iterable
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)
from graphql.execution.collect_fields import collect_sub_fields


def object_of(type_: Any) -> GraphQLObjectType:
    """The object type that a list, or a promise that it is not null, is of."""
    return cast(GraphQLObjectType, get_named_type(type_))


class Selections:
    """Those of one operation with one set of variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: dict[str, Any],
    ) -> None:
        self.schema = schema
        self._fragments = fragments
        self._variables = variables

    def below(self, type_: GraphQLNamedType, nodes: Iterable[FieldNode]) -> dict[str, list[FieldNode]]:
        """The fields that these nodes select of a type, by their names."""
        if not isinstance(type_, GraphQLObjectType):
            return {}
        found: dict[str, list[FieldNode]] = {}
        selected = collect_sub_fields(self.schema, self._fragments, self._variables, type_, list(nodes))
        for alike in selected.values():
            found.setdefault(alike[0].name.value, []).extend(alike)
        return found
