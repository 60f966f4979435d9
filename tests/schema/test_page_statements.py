"""Every root field is one statement: besides it a request runs the one that finds its session, and nothing else."""

import json
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, get_named_type, parse

from backend.accounts.models import User
from backend.communities.models import Community
from schema.member.schema import schema
from tests.asking import id_of, operations, post, statements, token_of
from tests.cast import Cast
from tests.schema.crowd import PARENT, Crowd, crowd

#: The variables of each query that our clients send.
VARIABLES = {
    "ProjectPage": lambda world, first: {"slug": world.forum.slug},
    "BoardPage": lambda world, first: {"id": id_of(world.workshop), "first": first},
    "Discover": lambda world, first: {"first": first, "filter": {"tag": PARENT}},
    "Followers": lambda world, first: {"userId": id_of(world.star), "first": first},
    "Thread": lambda world, first: {"subjectId": id_of(world.forum), "first": first},
    "HomeFeed": lambda world, first: {"first": first},
    "Notifications": lambda world, first: {"first": first},
    **dict.fromkeys(("Me", "MySecondFactor", "MyApplications", "DataExports"), lambda world, first: {}),
    "MyFiles": lambda world, first: {"first": first},
    "UserProfile": lambda world, first: {"handle": world.star.handle},
}


def queries() -> set[str]:
    """The names of the queries among the documents of our clients."""
    return {
        definition.name.value
        for document in operations().values()
        for definition in parse(document).definitions
        if isinstance(definition, OperationDefinitionNode) and definition.operation is OperationType.QUERY
    }


def said(query: str, viewer: User | None, **variables: Any) -> tuple[dict[str, Any], list[str]]:
    """The answer to a document, or to the operation of that name, and the statements that it took."""
    token = token_of(viewer) if viewer else None
    body = {"query": operations().get(query, query), "variables": variables}
    with statements() as run:
        answer = json.loads(post(body, token=token).content)
    return answer, run


def cost(query: str, viewer: User | None, **variables: Any) -> int:
    """How many statements a document takes that is answered."""
    answer, run = said(query, viewer, **variables)
    assert "errors" not in answer, answer["errors"]
    return len(run)


def of_whom(run: list[str]) -> list[bool]:
    """Which of some statements look for a session."""
    return ['"token_hash" = ' in each for each in run]


def test_no_page_is_left_out():
    assert set(VARIABLES) == queries()


@pytest.mark.parametrize("size", [1, 100])
def test_a_page_is_one_statement_and_the_session(db: None, size: int):
    world = crowd(size, 1)
    for page, variables in VARIABLES.items():
        answer, run = said(page, world.viewer, **variables(world, size))
        assert "errors" not in answer, answer["errors"]
        assert (page, of_whom(run)) == (page, [True, False])


#: What each root field must be given.
GIVEN = {
    "node": '(id: "%(star)s")',
    "user": '(id: "%(star)s")',
    "board": '(id: "%(workshop)s")',
    "project": '(slug: "%(forum)s")',
    "community": '(slug: "%(place)s")',
    "projects": "(first: 100)",
    "communities": "(first: 100)",
}


@pytest.mark.parametrize("size", [1, 100])
def test_every_root_field_is_one_statement(db: None, size: int):
    """Found by walking the schema, so a new one needs no line here; but for what it must be given."""
    world = crowd(size, 1)
    place = Community.objects.earliest("id")
    ids = {"star": id_of(world.star), "workshop": id_of(world.workshop)}
    names = {"forum": world.forum.slug, "place": place.slug}
    for name, field in schema._schema.query_type.fields.items():
        type_ = get_named_type(field.type)
        below = "edges { node { __typename id } }" if type_.name.endswith("Connection") else "__typename"
        query = f"{{ {name}{GIVEN.get(name, '') % (ids | names)} {{ {below} }} }}"
        answer, run = said(query, world.viewer)
        # Where nothing is limited, nothing is left.
        assert "errors" not in answer and (answer["data"][name] or name == "rateLimit"), (query, answer)
        assert (name, of_whom(run)) == (name, [True, False])


def test_nobody_has_no_session_to_find(db: None):
    world = crowd(1, 1)
    pages = {page: cost(page, None, **variables(world, 1)) for page, variables in VARIABLES.items()}
    assert pages == dict.fromkeys(VARIABLES, 1)


def rows_of(world: Crowd, page: str) -> int:
    answer, _ = said(page, world.viewer, **VARIABLES[page](world, 100))
    return len(json.dumps(answer))


def test_the_pages_do_show_what_they_cost_so_little_for(db: None):
    """The control: with nothing in them one statement would prove nothing."""
    small = crowd(1, 1)
    few = {page: rows_of(small, page) for page in VARIABLES}
    large = crowd(20, 1)
    many = {page: rows_of(large, page) for page in VARIABLES}
    lists = set(VARIABLES) - {
        "Me",
        "MySecondFactor",
        "MyApplications",
        "DataExports",
        "MyFiles",
        "UserProfile",
    }
    assert {page for page in VARIABLES if many[page] > 5 * few[page]} == lists


def test_a_total_is_part_of_the_statement_and_only_there_for_who_asks(cast: Cast):
    query = "query($id: ID!) { board(id: $id) { tasks { %s edges { node { title } } } } }"

    _, (with_total,) = said(query % "totalCount", None, id=id_of(cast.board))
    _, (without,) = said(query % "", None, id=id_of(cast.board))

    assert "count(*)" in with_total and "count(*)" not in without


def test_a_field_that_is_left_out_is_not_read(cast: Cast):
    query = (
        "query($id: ID!, $who: Boolean!) { board(id: $id) { title project @include(if: $who) { title } } }"
    )

    _, (with_it,) = said(query, None, id=id_of(cast.board), who=True)
    _, (without,) = said(query, None, id=id_of(cast.board), who=False)

    assert '."summary"' not in with_it and with_it.count('."title"') == 2
    assert without.count('."title"') == 1


def test_two_root_fields_are_two_statements(cast: Cast):
    query = "query($slug: String!) { a: project(slug: $slug) { title } b: project(slug: $slug) { id } viewer { email } }"

    assert cost(query, cast.cy, slug=cast.project.slug) == 1 + 3


def test_a_mutation_reads_its_payload_in_one_statement(cast: Cast):
    """Whatever the action takes: with more selected it is the same number."""
    query = "mutation($input: FollowInput!) { follow(input: $input) { errors { code } %s } }"
    asked = {"input": {"targetId": id_of(cast.project)}}
    few = "target { id }"
    many = "target { id ... on Project { title owner { handle } team { user { handle } } boards { title } } }"
    cost(
        query % few, cast.cy, **asked
    )  # From now on it is followed already, so the action always does the same.

    assert cost(query % few, cast.cy, **asked) == cost(query % many, cast.cy, **asked)


def test_nothing_is_asked_of_the_database_for_a_document_that_does_not_hold(db: None):
    answer, run = said("{ viewer { password } }", None)
    assert (answer["errors"][0]["extensions"], run) == ({"code": "GRAPHQL_VALIDATION_FAILED"}, [])
