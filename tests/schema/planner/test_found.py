"""Documents in which planner and oracle have differed, or might: each is here as short as it was found."""

from typing import Any

import pytest

from tests.asking import id_of, token_of
from tests.cast import Cast, project
from tests.oracle.answers import assert_same
from tests.schema.walks import WALKS

DOCUMENTS = [
    # A page of which no row and no place is selected: there is no aggregate that would make one row of many.
    "{ communities { totalCount } }",
    "{ projects { totalCount } }",
    "{ projects { __typename pageInfo { __typename } } }",
    "{ projects { edges @skip(if: true) { cursor } } }",
    '{ projects(filter: {owner: "nobody"}) { totalCount } }',
    "{ viewer { notifications { totalCount } } }",
    # And its cursor is of another list all the same, or of none.
    '{ communities(after: "garbage") { totalCount } }',
    '{ viewer { notifications(after: "garbage") { __typename } } }',
    "{ communities(first: 0) { totalCount } }",
    # Names that the statements themselves use.
    "{ projects { edges { node { n0: id } } } }",
    "{ projects { edges { e0: cursor } } }",
    '{ project(slug: "huerta-del-rio") { r: boards { id } } }',
    '{ project(slug: "huerta-del-rio") { boards { r: title } } }',
    "{ viewer { r: email } }",
    # Names that PostgreSQL cuts to the same.
    f"{{ viewer {{ {'a' * 63}: email {'a' * 64}: locale {'a' * 65}: emailVerified }} }}",
    # The feed: the key of the viewer stands one query further out than in other lists.
    "{ viewer { homeFeed { totalCount edges { cursor node { id ... on UpdatePublished { update { title } } } } } } }",
    # A selection of which nothing is left.
    '{ viewer { email @skip(if: true) } project(slug: "huerta-del-rio") { id @include(if: false) } }',
    "{ projects { edges { node { id @skip(if: true) } } } }",
    # Nothing is named, or what is named is nothing.
    "{ user { id } }",
    "{ user(handle: null, id: null) { id } }",
    '{ user(id: "garbage", handle: "ana") { id } }',
    "{ viewer { user { id } } ... on Query { viewer { email } __typename } }",
]


@pytest.fixture
def town(cast: Cast) -> Cast:
    """Ana's project with a list of some of everything; Cy has nothing."""
    lists = ("communities", "comments on a project", "updates", "following", "notifications", "tasks")
    for walk in WALKS:
        if walk.name in lists:
            walk.make(cast, [1, 2, 2])
    for title in ("Plaza", "Pan"):
        project(cast.bo, title)
    return cast


@pytest.mark.parametrize("document", DOCUMENTS)
def test_it_is_answered_as_the_oracle_answers_it(town: Cast, document: str):
    # Where there is nobody, and so no row, the planner has read the cursor all the same.
    doubtful = frozenset({"BAD_CURSOR"} if "garbage" in document else ())
    for token in (token_of(town.ana), token_of(town.cy), None):
        assert_same(document, {}, token, doubtful)


@pytest.mark.parametrize(
    "variables", [{}, {"b": True}, {"b": False}, {"b": None}, {"b": None, "id": None}], ids=str
)
@pytest.mark.parametrize(
    "document",
    [
        "query($b: Boolean = true) { viewer { email @include(if: $b) locale } }",
        "query($b: Boolean = true) { viewer { ... @skip(if: $b) { email } locale } }",
        "query($b: Boolean = true) { viewer @include(if: $b) { email } }",
        'query($b: Boolean = true, $id: ID = "x") { board(id: $id) { id @include(if: $b) } viewer { email } }',
    ],
)
def test_a_default_may_be_overridden_by_null(cast: Cast, document: str, variables: dict[str, Any]):
    # The planner reads a document to its end before it asks whether there is a board.
    assert_same(document, variables, token_of(cast.ana), frozenset({"VALIDATION"}))


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name)
def test_every_list_is_read_as_the_oracle_reads_it(cast: Cast, walk: Any):
    walk.make(cast, [3, 1, 2, 2, 3])
    variables = {"of": id_of(walk.owner(cast))} if walk.owner else {}
    viewer = walk.viewer(cast)
    after = None
    for _ in range(10):
        told = assert_same(
            walk.document(), variables | {"first": 2, "after": after}, viewer and token_of(viewer)
        )
        page = told["data"]
        while "list" not in page:
            (page,) = page.values()
        after = page["list"]["pageInfo"]["endCursor"]
        if not page["list"]["pageInfo"]["hasNextPage"]:
            break
