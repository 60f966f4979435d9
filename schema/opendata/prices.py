"""What a question to open data costs, before anything of it is answered: in the points of the member schema."""

from collections.abc import Iterable
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_argument_values, get_named_type

from schema.documents import RootField
from schema.opendata.connections import MOST
from schema.opendata.selections import Selections, object_of
from schema.planner.prices import ROOT, THING, Price

#: Work, in tenths of a point, as `schema.planner.prices` measures it: a list goes through all rows of its view, which
#: stand behind a barrier, and so does whatever counts one or looks for a word in it.
LIST, SEARCH = 30, 200
#: Of the views that have many rows, unless it is of one project.
MANY = {"updates": 300, "tasks": 300}
_MONTHS = 12


def price(fields: Iterable[RootField], selections: Selections, variables: dict[str, Any]) -> Price:
    """What these root fields cost together; what is wrong about one is told when it is read."""
    nodes = work = 0
    for field in fields:
        if field.definition is None:
            continue
        its = _of_one(field, field.definition, selections, variables)
        nodes += its.nodes
        work += its.work + ROOT
    return Price(nodes, work)


def _of_one(
    field: RootField, definition: GraphQLField, selections: Selections, variables: dict[str, Any]
) -> Price:
    type_ = object_of(definition.type)
    below = selections.below(type_, field.nodes)
    if "edges" not in below and "totalCount" not in below and "pageInfo" not in below:
        things = _things(type_, field.nodes, selections) * _MONTHS
        return Price(things, LIST + things * THING)
    arguments = get_argument_values(definition, field.nodes[0], variables)
    rows = min(max(arguments.get("first") or 1, 1), MOST)
    edge = object_of(type_.fields["edges"].type)
    nodes = selections.below(edge, below.get("edges", [])).get("node", [])
    things = rows * _things(object_of(edge.fields["node"].type), nodes, selections)
    through = LIST if arguments.get("project__slug") else MANY.get(field.name, LIST)
    # Counting goes through them once more.
    work = through * (1 + ("totalCount" in below)) + things * THING
    if arguments.get("search"):
        work += SEARCH
    return Price(things, work)


def _things(type_: Any, nodes: Iterable[FieldNode], selections: Selections) -> int:
    """A row, and those that it points at."""
    return 1 + sum(
        _things(inner, below, selections)
        for name, below in selections.below(type_, nodes).items()
        if name != "__typename"
        and isinstance(inner := get_named_type(type_.fields[name].type), GraphQLObjectType)
    )
