"""What the types declare holds together: every field says where its value lives, and what cannot be null never is."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
import strawberry
from django.db.models import Model
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_non_null_type,
)

from backend.accounts.models import User
from backend.boards.models import Task
from schema.declarations import NODES, Node, column, everything, one
from schema.member.schema import schema
from schema.planner import pages, roots, sources
from schema.planner.compiler import SOURCE
from schema.policies import PUBLIC

#: Columns that may be null in the table and never are where the field is shown, and what sees to it.
NEVER_NULL = {
    "Submission.submittedAt": "a claim is shown as one only when it has it",
    "UpdatePublished.occurredAt": "only published updates are in a feed",
    "ProjectLaunched.occurredAt": "not told yet",
}
#: Keys at which a row must be, and what sees to it.
ALWAYS_THERE = {"Session.viewer": "they have just logged in"}


def fields(of: GraphQLSchema) -> Iterator[tuple[str, GraphQLField, Any]]:
    """Every field that a plan may meet, with its source; mutations and subscriptions themselves are functions."""
    for type_ in of.type_map.values():
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) or type_.name.startswith("__"):
            continue
        if type_ in (of.mutation_type, of.subscription_type):
            continue
        for name, field in type_.fields.items():
            yield (
                f"{type_.name}.{name}",
                field,
                field.extensions["strawberry-definition"].metadata.get(SOURCE),
            )


def without_source(of: GraphQLSchema) -> list[str]:
    """The fields that do not say where their value lives."""
    return [name for name, _, source in fields(of) if not hasattr(source, "compile")]


def models(of: GraphQLSchema) -> dict[str, set[type[Model]]]:
    """The models whose rows each type shows, as far as the fields that lead to it tell."""
    found: dict[str, set[type[Model]]] = {name: {model} for name, model in NODES.items()}
    shown = None
    while shown != (shown := sum(map(len, found.values()))):
        for name, field, source in fields(of):
            target = get_named_type(field.type).name
            match source:
                case sources.Itself():
                    found.setdefault(target, set()).update(found.get(name.split(".")[0], ()))
                case sources.One(model=model) | sources.Mine(model=model) | roots.ViewersOwn(model=model):
                    found.setdefault(target, set()).add(model)
                case pages.Connection(model=model, node_type=str(node_type)):
                    found.setdefault(node_type, set()).add(model)
    return found


def may_be_null(of: GraphQLSchema) -> list[str]:
    """The fields that promise a value and are declared as what may have none."""
    rows, broken = models(of), []
    for name, field, source in fields(of):
        if is_non_null_type(field.type) and any(
            _is_null(source, field, model) for model in rows.get(name.split(".")[0], [None])
        ):
            broken.append(name)
    return [name for name in broken if name not in NEVER_NULL | ALWAYS_THERE]


def _is_null(source: Any, field: GraphQLField, model: type[Model] | None) -> bool:
    match source:
        case sources.Column(name=name):
            name = name or field.extensions["strawberry-definition"].python_name
            return model is not None and model._meta.get_field(name).null
        case sources.Itself(when=when):
            return when is not None
        case sources.Constant(value=value):
            return value is None
    # What a row points at may be hidden from the viewer.
    return isinstance(
        source,
        sources.One
        | sources.OneOf
        | sources.Mine
        | sources.Handed
        | roots.ViewersOwn
        | roots.Found
        | roots.AnyNode,
    )


def unordered(of: GraphQLSchema) -> list[str]:
    """The lists in pages in which two rows may have one place: whose order does not end in what is unique."""
    broken = []
    for name, _, source in fields(of):
        orders = [source.order] if isinstance(source, pages.Connection) else []
        orders += source.orders.values() if isinstance(source, roots.Everything) else []
        last = [source.model._meta.get_field(order[-1].removeprefix("-")) for order in orders]
        if not all(each.unique for each in last):
            broken.append(name)
    return broken


def test_every_field_says_where_its_value_lives():
    assert without_source(schema._schema) == []


def test_what_cannot_be_null_is_not_declared_as_what_may_be():
    assert may_be_null(schema._schema) == []


def test_every_list_in_pages_has_one_order():
    assert unordered(schema._schema) == []


def test_the_exceptions_are_fields():
    """One that is gone must not excuse another that comes under its name."""
    assert {*NEVER_NULL, *ALWAYS_THERE} <= {name for name, _, _ in fields(schema._schema)}


def test_most_types_are_held_against_their_tables():
    rows = models(schema._schema)

    assert {"Viewer": {User}, "Submission": {NODES["Claim"]}}.items() <= rows.items()
    assert NODES.keys() <= rows.keys()


def test_a_column_is_one_of_every_table_that_its_type_shows():
    rows = models(schema._schema)
    for name, field, source in fields(schema._schema):
        if isinstance(source, sources.Column):
            for model in rows.get(name.split(".")[0], ()):
                assert model._meta.get_field(
                    source.name or field.extensions["strawberry-definition"].python_name
                )


def test_what_one_of_several_keys_points_at_is_of_a_type_that_the_field_promises():
    for name, field, source in fields(schema._schema):
        if isinstance(source, sources.OneOf):
            promised = schema._schema.get_possible_types(get_named_type(field.type))
            # The planner calls a type as its model is.
            assert {each.__name__ for each in source.models.values()} <= {each.name for each in promised}, (
                name
            )


def test_the_values_of_an_enumeration_are_its_names():
    """So a column that holds a value shows its name, and no statement translates between them."""
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLEnumType) and not type_.name.startswith("__"):
            values = {name: each.value for name, each in type_.values.items()}
            assert values == {name: name for name in values} or all(
                isinstance(each, Enum) and each.value == name for name, each in values.items()
            ), type_.name


@strawberry.type
class Planted(Node):
    title: str = column("It is there.")
    due_at: str = column("It may be null in the table.")
    board: Node = one(User, key="board_id", description="It may be hidden.")

    @strawberry.field
    def resolved(self) -> str:
        return "by a function"


@strawberry.type
class PlantedConnection:
    edges: list[Planted] = column("Rows.")


@strawberry.type
class PlantedQuery:
    planted: Planted | None = one(Task, key="pk", description="One.")
    all: PlantedConnection = everything(
        Task, place="all", orders={None: ("position", "number")}, policy=PUBLIC, description="All."
    )


@pytest.fixture
def planted() -> GraphQLSchema:
    """A schema with a fault of each kind."""
    return strawberry.Schema(query=PlantedQuery)._schema


def test_each_of_these_finds_what_it_looks_for(planted: GraphQLSchema):
    assert without_source(planted) == ["Planted.resolved"]
    assert may_be_null(planted) == ["Planted.dueAt", "Planted.board"]
    assert unordered(planted) == ["PlantedQuery.all"]
