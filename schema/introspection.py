"""What a question about the schema itself costs: it is answered from memory, and could go through it many times."""

from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    get_introspection_query,
    parse,
)

from schema.planner.prices import Price

#: Of a thing that takes a row, so much work is one that memory knows.
_OF_A_ROW = 2
#: As often as the question that every tool asks first may another go through the schema.
_ROOM = 1.5
#: Lists of all that the schema has, and those that are a part of one thing only.
_EVERYTHING = ("types", "directives")
_PARTS = ("fields", "inputFields", "args", "enumValues")


@cache
def introspection(schema: GraphQLSchema) -> "Introspection":
    """That of a schema, which stays as it is."""
    return Introspection(schema)


class Introspection:
    """The prices of one schema's `__schema` and `__type`.

    A list counts as long as all lists of its kind are together where all types are asked, and as the longest of them where
    it is asked of one type: so what asks for each thing once costs what the schema holds, and lists within lists multiply.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    @cached_property
    def most_nodes(self) -> int:
        """What one operation may ask for: the usual question, and half as much again."""
        document = parse(get_introspection_query(input_value_deprecation=True))
        fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        (asked,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
        return int(_ROOM * self.price(asked.selection_set.selections, fragments).nodes)

    def price(self, nodes: Iterable[Any], fragments: dict[str, FragmentDefinitionNode]) -> Price:
        """What these selections may ask for. They hold, so they end."""
        count = self._count(nodes, fragments, 1, of_all=False)
        return Price(count, count // _OF_A_ROW)

    def _count(
        self,
        selections: Iterable[Any],
        fragments: dict[str, FragmentDefinitionNode],
        times: int,
        *,
        of_all: bool,
    ) -> int:
        total = 0
        for each in selections:
            if isinstance(each, FragmentSpreadNode):
                inner = fragments[each.name.value].selection_set.selections
                total += self._count(inner, fragments, times, of_all=of_all)
            elif not isinstance(each, FieldNode):
                total += self._count(each.selection_set.selections, fragments, times, of_all=of_all)
            elif each.selection_set is not None:
                name = each.name.value
                rows = (
                    times // 2 if name == "ofType" else times
                )  # About half of what is wrapped is wrapped again.
                is_all = name in _EVERYTHING
                if name in self._lengths:
                    together, longest = self._lengths[name]
                    rows = together if is_all or of_all else times * longest
                    # Of all types, all fields; of all fields, all arguments.
                    is_all |= of_all and name in _PARTS
                total += rows + self._count(each.selection_set.selections, fragments, rows, of_all=is_all)
        return total

    @cached_property
    def _lengths(self) -> dict[str, tuple[int, int]]:
        """Of each list: how long all of them are together, and the longest."""
        types = [*self._schema.type_map.values()]
        fields = [field for type_ in types for field in getattr(type_, "fields", {}).values()]
        abstract = [each for each in types if isinstance(each, GraphQLInterfaceType | GraphQLUnionType)]
        counts = {
            "types": [len(types)],
            "directives": [len(self._schema.directives)],
            "fields": [len(getattr(each, "fields", ())) for each in types],
            "inputFields": [len(each.fields) for each in types if isinstance(each, GraphQLInputObjectType)],
            "args": [len(getattr(each, "args", ())) for each in (*fields, *self._schema.directives)],
            "enumValues": [len(each.values) for each in types if isinstance(each, GraphQLEnumType)],
            "interfaces": [len(getattr(each, "interfaces", ())) for each in types],
            "possibleTypes": [len(self._schema.get_possible_types(each)) for each in abstract],
        }
        return {name: (sum(each), max(each, default=0)) for name, each in counts.items()}
