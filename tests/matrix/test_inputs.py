"""An input carries what it declares and nothing else: what decides about a row is not set by guessing its column's name."""

import json

import pytest
from graphql import GraphQLInputObjectType, get_nullable_type

from schema.operations import core
from tests.asking import post, untouched
from tests.matrix import ways
from tests.matrix.answers import DOES
from tests.matrix.table import rows
from tests.matrix.world import ACTORS, World, token_of

pytestmark = pytest.mark.django_db

#: What no client says: of rights, of whose something is, of states, of moments and of counters.
GUESSES = (
    *("isStaff", "isSuperuser", "isActive", "role", "permissions"),
    *("ownerId", "authorId", "userId", "claimantId", "actorId", "by", "user"),
    *("status", "state", "verifiedAt", "publishedAt", "launchedAt", "deletedAt", "createdAt"),
    *("followerCount", "openClaimCount", "version", "amountCaptured", "id", "pk"),
)
MUTATIONS = [
    name
    for name, field in core.mutation_type.fields.items()  # type: ignore[union-attr]
    if "input" in field.args
]


def input_of(name: str) -> GraphQLInputObjectType:
    return get_nullable_type(core.mutation_type.fields[name].args["input"].type)  # type: ignore[union-attr, return-value]


def document(name: str, given: dict[str, object], more: str = "") -> str:
    """The mutation, each field of whose input is a variable; and one more, as it is written."""
    types = input_of(name).fields
    declared = " ".join(f"${field}: {types[field].type}" for field in given)
    fields = " ".join(f"{field}: ${field}" for field in given)
    return f"mutation({declared}) {{ {name}(input: {{ {fields} {more} }}) {{ errors {{ code }} }} }}"


def test_there_are_twenty_five():
    assert len(GUESSES) == len(set(GUESSES)) == 25


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_an_input_does_not_declare_is_refused_and_nothing_is_done(world: World, name: str):
    mine = [row for row in rows("Doing") if row.way == name]
    row, actor = next(
        ((row, actor) for row in mine for actor in ACTORS if row.cells[actor] == DOES), (mine[0], "owner")
    )
    given = ways.DEEDS[name](world, row.start, row.thing)
    token = token_of(ACTORS[actor]) if ACTORS[actor] else None
    assert given is not None

    def codes(document: str, variables: dict[str, object]) -> list[str]:
        answer = json.loads(post({"query": document, "variables": variables}, token=token).content)
        return [error["extensions"]["code"] for error in answer.get("errors", ())]

    with untouched():
        for guess in GUESSES:
            if guess in input_of(name).fields:
                continue
            written = codes(document(name, given, f'{guess}: "x"'), given)
            assert written == ["GRAPHQL_VALIDATION_FAILED"], guess
            sent = codes(ways.deed_document(name), {"input": {**given, guess: "x"}})
            assert sent == ["VALIDATION"], guess


@pytest.mark.parametrize("name", MUTATIONS)
def test_without_it_the_same_is_not_refused_for_its_form(world: World, name: str):
    """The control: it is the guess that was refused."""
    row = next(row for row in rows("Doing") if row.way == name)
    given = ways.DEEDS[name](world, row.start, row.thing)
    assert given is not None
    answer = json.loads(post({"query": document(name, given), "variables": given}).content)
    assert "errors" not in answer
