"""What an operation costs: known before anything of it is answered, paid once, and told in every answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from graphql import get_introspection_query

from schema.context import Context
from schema.introspection import introspection
from schema.operations import core, prepare, run
from schema.planner.prices import MOST_NODES
from schema.preparing import BadRequest, refusal
from schema.sessions import session_of
from tests.asking import id_of, operations, post, statements, token_of, untouched
from tests.cast import Cast


def cost(query: str, cast: Cast | None = None, **variables: Any) -> tuple[int, int]:
    """Points and nodes of what is answered or refused."""
    body: dict[str, Any] = {"query": query, "variables": variables}
    if query in operations():
        body |= {"query": operations()[query], "operationName": query}
    told = json.loads(post(body, cast.ana if cast else None).content)["extensions"]["cost"]
    assert told.pop("mostNodes") == MOST_NODES == 5_000
    return told["points"], told["nodes"]


#: A query, and its points and nodes.
PRICES = {
    "{ __typename }": (1, 0),
    "{ viewer { email } }": (1, 0),
    '{ user(handle: "ana") { id handle displayName } }': (1, 1),
    '{ a: user(handle: "ana") { id } b: user(handle: "bo") { id } }': (2, 2),
    # A list, twenty rows and their owners.
    "{ projects { edges { node { owner { id } } } } }": (6, 40),
    "{ projects(first: 100) { edges { node { owner { id } } } } }": (22, 200),
    "{ projects(first: 100) { edges { cursor } } }": (12, 100),
    # Nothing of the rows is told, but they are counted; or searched.
    "{ projects(first: 100) { totalCount } }": (2, 0),
    '{ projects(first: 1, filter: {tag: "water"}) { totalCount } }': (2, 0),
    '{ projects(first: 1, filter: {search: "water"}) { totalCount } }': (22, 0),
    # Lists in lists multiply.
    "{ projects(first: 10) { edges { node { comments(first: 5) { edges { node { author { id } } } } } } } }": (
        15,
        110,
    ),
    # What is shown in a row's place is one thing with it.
    '{ user(handle: "ana") { followers(first: 10) { edges { node { id } } } } }': (3, 11),
    # As many as there usually are.
    '{ project(slug: "huerta-del-rio") { boards { id } team { role } } }': (3, 14),
    '{ __type(name: "User") { name } }': (1, 0),
}


@pytest.mark.parametrize("query", PRICES)
def test_the_price_is_what_may_be_told(cast: Cast, query: str):
    assert cost(query) == PRICES[query]


def test_a_page_is_priced_by_what_is_asked_of_it_now(cast: Cast):
    query = "query($n: Int) { projects(first: $n) { edges { cursor } } }"
    assert [cost(query, n=n)[1] for n in (1, 20, 100)] == [1, 20, 100]
    assert cost(query)[1] == 20


def test_who_asks_makes_no_other_price_of_the_same(cast: Cast):
    query = "{ projects(first: 3) { edges { node { owner { id } } } } }"
    assert cost(query) == cost(query, cast)


def test_what_is_done_costs_ten_points_more_and_what_is_refused_of_it_the_same(cast: Cast):
    document = "mutation($id: ID!) { follow(input: {targetId: $id}) { target { id } errors { code } } }"
    for target in (id_of(cast.bo), id_of(cast.ana), "x"):
        assert cost(document, cast, id=target) == (11, 1)


def test_a_field_that_is_refused_costs_nothing_and_the_others_what_they_do(cast: Cast):
    assert cost('{ a: projects(first: 1000) { totalCount } b: user(handle: "ana") { id } }') == (1, 1)
    # That nothing is there is found when it is asked.
    assert cost('{ user(handle: "nobody") { id } }') == (1, 1)


#: With pages of 50: what our clients ask is far from what may be asked.
@pytest.mark.parametrize("name", [name for name in operations() if not name.endswith(("Live", "Presence"))])
def test_our_clients_ask_for_a_third_of_what_they_may_at_most(cast: Cast, name: str):
    ids = {"Board": cast.board, "Task": cast.task, "User": cast.ana, "Project": cast.project}
    given: dict[str, Any] = {
        "slug": cast.project.slug,
        "handle": "ana",
        "first": 50,
        "subjectId": id_of(cast.project),
    }
    given |= {f"{kind.lower()}Id": id_of(row) for kind, row in ids.items()} | {
        "id": id_of(cast.board),
        "input": None,
    }
    paid: list[int] = []

    def pay(points: int) -> None:
        paid.append(points)
        raise refusal("RATE_LIMITED", "Enough.")

    operation = prepare(operations()[name], given, name)
    required = {each.variable.name.value for each in operation.operation.definition.variable_definitions}
    operation = prepare(
        operations()[name], {key: value for key, value in given.items() if key in required}, name
    )
    operation.variables.pop("input", None)
    with pytest.raises(BadRequest) as refused:
        _run_whatever(operation, Context(session=session_of(f"Bearer {token_of(cast.ana)}"), pay=pay))
    told = refused.value.extensions["cost"]
    assert told["points"] == paid[0] <= 75
    assert told["nodes"] * 3 <= MOST_NODES


def _run_whatever(operation: Any, context: Context) -> None:
    from schema import operations as module

    fields = operation.operation.root_fields(module.core, operation.variables, ("test",))
    execution = module.Execution(
        module.core, operation.operation, context, operation.variables, ("test",), module.Deadline(0)
    )
    module._paid(fields, execution)


@pytest.mark.parametrize(
    ("query", "nodes"),
    [
        (
            "{ projects(first: 100) { edges { node { comments(first: 49) { edges { node { id } } } } } } }",
            5_000,
        ),
        (
            "{ projects(first: 100) { edges { node { comments(first: 50) { edges { node { id } } } } } } }",
            5_100,
        ),
    ],
)
def test_five_thousand_things_and_not_one_more(cast: Cast, query: str, nodes: int):
    with statements() as said:
        response = post({"query": query})
    told = json.loads(response.content)
    assert told["extensions"]["cost"]["nodes"] == nodes
    if nodes == MOST_NODES:
        assert (response.status_code, len(said)) == (200, 1)
    else:
        assert (response.status_code, said) == (400, [])
        assert [error["extensions"] for error in told["errors"]] == [{"code": "QUERY_TOO_COMPLEX"}]
        assert (
            told["errors"][0]["message"]
            == "An operation may ask for 5,000 things in all: ask for shorter pages."
        )


def test_what_is_too_much_is_neither_done_nor_paid(cast: Cast):
    big = "comments(first: 100) { edges { node { replies(first: 100) { edges { node { id } } } } } }"
    document = (
        f"mutation($id: ID!) {{ claimTask(input: {{taskId: $id}}) {{ task {{ {big} }} errors {{ code }} }} }}"
    )
    paid: list[int] = []
    with untouched(), pytest.raises(BadRequest) as refused:
        run(prepare(document, {"id": id_of(cast.task)}, None), asking(cast, paid.append))
    assert (refused.value.errors[0]["extensions"], paid) == ({"code": "QUERY_TOO_COMPLEX"}, [])
    assert refused.value.extensions["cost"]["nodes"] == 1 + 100 + 100 * 100


def asking(cast: Cast, pay: Callable[[int], None]) -> Context:
    return Context(session=session_of(f"Bearer {token_of(cast.ana)}"), pay=pay)


def test_it_is_paid_once_for_all_fields_before_any_is_answered(cast: Cast):
    context = asking(cast, lambda points: paid.append((points, len(said))))
    paid: list[tuple[int, int]] = []
    query = "{ a: viewer { email } b: viewer { locale } c: projects { edges { cursor } } }"
    with statements() as said:
        run(prepare(query, None, None), context)
    assert paid == [(6, 0)]


def test_who_cannot_pay_is_answered_nothing_and_told_the_price(cast: Cast):
    def broke(points: int) -> None:
        raise refusal("RATE_LIMITED", "Come again.")

    document = "mutation($id: ID!) { follow(input: {targetId: $id}) { errors { code } } }"
    context = asking(cast, broke)
    with untouched(), statements() as said, pytest.raises(BadRequest) as refused:
        run(prepare(document, {"id": id_of(cast.bo)}, None), context)
    assert said == []
    assert refused.value.errors == [{"message": "Come again.", "extensions": {"code": "RATE_LIMITED"}}]
    assert refused.value.extensions == {"cost": {"points": 11, "nodes": 0, "mostNodes": MOST_NODES}}


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ emial }"},
        {"query": "{"},
        {"query": "query($a: ID!) { node(id: $a) { id } }", "variables": {}},
        {"query": "query($a: Int) { projects(first: $a) { totalCount } }", "variables": {"a": "x"}},
    ],
)
def test_what_never_had_a_price_tells_none_and_pays_none(cast: Cast, body: dict[str, Any]):
    assert "extensions" not in json.loads(post(body).content)


def test_what_every_tool_asks_first_costs_what_it_takes(cast: Cast):
    points, nodes = cost(get_introspection_query())
    assert nodes == 0
    # A third of a millisecond each, as the others.
    assert 50 < points < 500


def test_introspection_may_go_through_the_schema_once_and_a_half():
    everything = introspection(core).most_nodes
    assert 1_000 < everything < 50_000
    once = get_introspection_query()
    told = prepare(once, None, None)
    answer = run(told, Context())
    assert "errors" not in answer


BOMBS = [
    "{ __schema { types { fields { type { fields { type { name } } } } } } }",
    "{ __schema { types { "
    + " ".join(f"a{n}: fields {{ name args {{ name }} }}" for n in range(29))
    + " } } }",
    "{ "
    + " ".join(f"a{n}: __schema {{ types {{ fields {{ name args {{ name }} }} }} }}" for n in range(10))
    + " }",
]


@pytest.mark.parametrize("query", BOMBS)
def test_introspection_that_multiplies_is_refused_before_it_is_told(db: None, query: str):
    with pytest.raises(BadRequest) as refused:
        run(prepare(query, None, None), Context())
    assert refused.value.errors[0]["extensions"] == {"code": "QUERY_TOO_COMPLEX"}
    assert refused.value.errors[0]["message"].startswith("It asks for ")


def test_one_type_s_neighbours_may_be_asked(db: None):
    query = '{ __type(name: "Task") { fields { name type { name fields { name type { name } } } } } }'
    assert "errors" not in run(prepare(query, None, None), Context())
