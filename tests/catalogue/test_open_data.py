"""The bad-input catalogue of research/reliability.md, row 86: what open data is asked that it has not, or must not do."""

import pytest

from tests.schema.opendata.asking import ask, codes
from tests.schema.opendata.conftest import nothing_is_kept, world  # noqa: F401  # Fixtures.


@pytest.mark.parametrize(
    "document",
    [
        "{ users { email } }",
        "{ users(first: 1) { edges { node { email } } } }",
        "{ projects { edges { node { owner { handle } } } } }",
        "{ projects { edges { node { email } } } }",
        "{ updates { edges { node { author { handle } body } } } }",
        "{ tasks { edges { node { claimants { handle } } } } }",
        '{ node(id: "VXNlcjox") { id } }',
        "{ viewer { email } }",
    ],
)
def test_row_86_there_is_no_such_field(world, document: str):  # noqa: F811
    answer = ask(document)
    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert all("Did you mean" not in error["message"] for error in answer["errors"])


@pytest.mark.parametrize(
    "arguments",
    [
        'email: "ana@example.org"',
        'owner: "ana"',
        'owner_Email: "ana@example.org"',
        'owner__email_Startswith: "a"',
        'author: "ana"',
        'search: "a", filter: {email: "a"}',
    ],
)
def test_row_86_nothing_is_found_by_whose_it_is(world, arguments: str):  # noqa: F811
    assert codes(f"{{ projects({arguments}) {{ totalCount }} }}") == ["GRAPHQL_VALIDATION_FAILED"]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1E+1000000", "1.5", "NaN", "9" * 5000, "2147483648"])
def test_row_86_a_number_that_is_none(world, number: str):  # noqa: F811
    assert codes(f"{{ tasks(longestMinutes: {number}) {{ totalCount }} }}")[0] in (
        "GRAPHQL_VALIDATION_FAILED",
        "VALIDATION",
    )


@pytest.mark.parametrize("number", [1e308, -1, 0, 10_081, 2**31, 10**400, "1e999", True, [1], {"a": 1}])
def test_row_86_a_number_that_is_none_as_a_variable(world, number):  # noqa: F811
    assert codes("query($n: Int) { tasks(longestMinutes: $n) { totalCount } }", n=number) == ["VALIDATION"]


@pytest.mark.parametrize(
    "document",
    [
        "mutation { createProject(input: {}) { errors { code } } }",
        "mutation { __typename }",
        "subscription { projects { totalCount } }",
    ],
)
def test_row_86_nothing_can_be_written(world, document: str):  # noqa: F811
    answer = ask(document)
    assert "data" not in answer
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]
