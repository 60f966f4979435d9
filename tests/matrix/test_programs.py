"""Each field of the schema is answered to whom the table says: asked for by a way through the schema where there is one."""

import pytest

from schema.member.schema import POLICIES
from tests.matrix.programs import STANDINGS, YES, allowed, asked, cells_of, expected, paths, written
from tests.matrix.world import World

pytestmark = pytest.mark.django_db
TYPES = sorted({field.partition(".")[0] for field in POLICIES})


def fields_of(type_name: str) -> list[str]:
    return [field for field in POLICIES if field.startswith(f"{type_name}.")]


def test_the_table_names_every_field_of_the_schema_and_no_other():
    assert all(list(cells_of(field)) == list(STANDINGS) for field in POLICIES)
    named = {name for name in written() if not name.endswith(".*")}
    assert named <= set(POLICIES)
    assert {name.removesuffix(".*") for name in written() if name.endswith(".*")} <= set(TYPES)


@pytest.mark.parametrize("type_name", TYPES)
def test_a_field_is_declared_to_be_for_whom_the_table_says(type_name: str):
    for field in fields_of(type_name):
        assert {column: allowed(field, column) for column in STANDINGS} == cells_of(field)


@pytest.mark.parametrize("type_name", [name for name in TYPES if name in paths()])
def test_a_field_is_answered_to_whom_the_table_says(world: World, type_name: str):
    for field in fields_of(type_name):
        answered = {column: asked(world, field, column) for column in STANDINGS}
        assert answered == {column: expected(field, column) for column in STANDINGS}, field


def test_most_of_the_schema_is_reached():
    unreached = set(TYPES) - set(paths())
    assert unreached == {
        *("ReactionGroup", "Need", "Money", "Reward", "CollectiveReturn", "License"),
        *("Funding", "Proposal", "ProposalConnection", "ProposalEdge", "NotificationPreference"),
        *("ProjectLaunched", "TaskOpened", "TaskCompleted"),
    }
    assert YES in written()["Query.*"].values()
