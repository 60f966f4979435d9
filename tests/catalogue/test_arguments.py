"""The bad-input catalogue, arguments, ids and paging: rows 21 to 30, each with its exact code."""

import base64
from typing import Any

import pytest

from backend.accounts.models import User
from schema.ids import to_global_id
from tests.asking import ask, id_of, operations, problems, untouched
from tests.cast import Cast, project

FIRST = "query($first: Int, $after: String) { projects(first: $first, after: $after) { totalCount } }"
FILTER = "query($filter: ProjectFilter) { projects(filter: $filter) { totalCount } }"
NODE = "query($id: ID!) { node(id: $id) { id } }"


def code(answer: dict[str, Any]) -> str:
    """Why it was not answered, all of it."""
    assert not any((answer.get("data") or {}).values()), answer
    (found,) = {error["extensions"]["code"] for error in answer["errors"]}
    return found


@pytest.mark.parametrize("first", [1_000_000, -1, 0])
def test_row_21_a_page_has_one_to_a_hundred_rows(cast: Cast, first: int):
    answer = ask(FIRST, first=first)
    assert code(answer) == "VALIDATION" and answer["errors"][0]["extensions"]["field"] == "first"


def test_row_21_first_and_last_at_once(db: None):
    assert code(ask("{ projects(first: 1, last: 1) { totalCount } }")) == "GRAPHQL_VALIDATION_FAILED"


def test_row_21_absent_is_twenty(cast: Cast):
    for number in range(21):
        project(cast.cy, f"Number {number}")
    answer = ask("{ projects { edges { node { id } } pageInfo { hasNextPage } } }")["data"]["projects"]
    assert (len(answer["edges"]), answer["pageInfo"]) == (20, {"hasNextPage": True})


def test_row_22_a_cursor_that_this_list_did_not_give(cast: Cast):
    project(cast.ana, "Second")
    followers = ask(
        "query($h: String!) { user(handle: $h) { projects(first: 1) { pageInfo { endCursor } } } }", h="ana"
    )
    others = followers["data"]["user"]["projects"]["pageInfo"]["endCursor"]
    own = ask("{ projects(first: 1) { pageInfo { endCursor } } }")["data"]["projects"]["pageInfo"][
        "endCursor"
    ]
    assert ask(FIRST, after=own)["data"]

    edited = ("A" if own[0] != "A" else "B") + own[1:]
    for wrong in ("garbage", "", "é", others, edited, own + "A", own[:-1], "x" * 10_000):
        assert code(ask(FIRST, after=wrong)) == "BAD_CURSOR", wrong


def test_row_23_there_is_no_offset(db: None):
    assert code(ask("{ projects(offset: 10000000) { totalCount } }")) == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    "wrong",
    [
        "Board:1",
        base64.urlsafe_b64encode(b"User:1 OR 1=1").decode(),
        base64.urlsafe_b64encode(b"User:-1").decode(),
        base64.urlsafe_b64encode(b"User:%d" % 2**63).decode(),
        base64.urlsafe_b64encode(b"User:1e3").decode(),
        base64.urlsafe_b64encode(b"Password:1").decode(),
        "",
        "-1",
        "9223372036854775808",
        "x" * 60_000,
    ],
)
def test_row_24_an_id_that_is_none(cast: Cast, wrong: str):
    assert code(ask(NODE, cast.ana, id=wrong)) == "NOT_FOUND"
    with untouched():
        assert problems(ask("Follow", cast.ana, input={"targetId": wrong})) == [("NOT_FOUND", None)]


def test_row_24_an_id_of_another_type(cast: Cast):
    assert code(ask("query($id: ID!) { board(id: $id) { id } }", cast.ana, id=id_of(cast.ana))) == "NOT_FOUND"
    with untouched():
        assert problems(ask("ClaimTask", cast.cy, input={"taskId": id_of(cast.board)}))[0][0] == "NOT_FOUND"


def test_row_25_private_deleted_and_never_there_are_one_answer(cast: Cast):
    private = id_of(project(cast.ana, "Draft", status="DRAFT"))
    gone = User.objects.create(handle="gone", email="gone@example.org", display_name="Gone", password="!")
    deleted = id_of(gone)
    User.objects.filter(pk=gone.pk).delete()
    never = to_global_id("Project", 2**40)

    answers = [ask(NODE, cast.cy, id=each) for each in (private, deleted, never)]
    assert answers[0] == answers[1] == answers[2]
    assert code(answers[0]) == "NOT_FOUND"
    with untouched():
        done = [ask("Follow", cast.cy, input={"targetId": each}) for each in (private, deleted, never)]
    assert done[0] == done[1] == done[2] and problems(done[0])[0][0] == "NOT_FOUND"


@pytest.mark.parametrize(
    "order", ["password", "author__password__startswith", "-id", "NEWEST; DROP TABLE", ""]
)
def test_row_26_an_order_that_is_none(db: None, order: str):
    asked = "query($order: ProjectOrder) { projects(order: $order) { totalCount } }"
    assert code(ask(asked, order=order)) == "VALIDATION"


def test_row_26_nor_can_it_be_written_into_the_document(db: None):
    for word in ("password", "author__password__startswith"):
        assert code(ask(f"{{ projects(order: {word}) {{ totalCount }} }}")) == "GRAPHQL_VALIDATION_FAILED"
        assert (
            code(ask(f"{{ projects(filter: {{{word}: 1}}) {{ totalCount }} }}"))
            == "GRAPHQL_VALIDATION_FAILED"
        )


@pytest.mark.parametrize("search", ["%_" * 5_000, "x" * 201, "é" * 10_000])
def test_row_27_a_search_that_is_too_long(db: None, search: str):
    answer = ask(FILTER, filter={"search": search})
    assert code(answer) == "VALIDATION" and answer["errors"][0]["extensions"]["field"] == "filter.search"


@pytest.mark.parametrize("search", ["(a+)+$", "%", "_", "\\", "%_%_%", "' OR 1=1 --", "x" * 200])
def test_row_27_a_search_finds_what_it_says_and_is_no_pattern(cast: Cast, search: str):
    assert ask(FILTER, filter={"search": search}) == {"data": {"projects": {"totalCount": 0}}}
    found = project(cast.ana, f"With {search[:20]} in it", slug="with")
    assert ask(FILTER, filter={"search": search[:20]})["data"]["projects"]["totalCount"] == 1
    found.delete()


def test_row_28_a_list_of_ten_thousand(cast: Cast):
    """No filter takes a list; the lists that inputs take have at most 20 words."""
    with untouched():
        answer = ask("UpdateProfile", cast.ana, input={"skills": ["x"] * 7_000})
    assert problems(answer) == [("VALIDATION", "skills")]
    assert code(ask(FILTER, filter={"ids": ["x"] * 7_000})) == "VALIDATION"


@pytest.mark.parametrize(
    "date",
    [
        *(
            "9999-12-31T23:59:59+14:00",
            "9999-12-31T23:59:59-14:00",
            "0000-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
        ),
        *(
            "2026-06-30T23:59:60Z",
            "0001-01-01T00:00:00+14:00",
            "10000-01-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
        ),
        *(
            "tomorrow",
            "",
            "1e9",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00+99:00",
            "\u0662\u0660\u0662\u0666-01-01",
        ),
    ],
)
def test_row_29_a_moment_that_there_is_not(cast: Cast, date: str):
    with untouched():
        answer = ask(
            "CreateTask", cast.ana, input={"boardId": id_of(cast.board), "title": "Dig", "dueAt": date}
        )
    found = (
        {error["extensions"]["code"] for error in answer["errors"]}
        if "errors" in answer
        else {found for found, _ in problems(answer)}
    )
    assert found == {"VALIDATION"}, answer


@pytest.mark.parametrize(
    "field", ["isStaff", "ownerId", "status", "amountCaptured", "id", "is_staff", "password"]
)
def test_row_30_an_input_has_the_fields_that_it_declares(cast: Cast, field: str):
    inline = (
        f'mutation {{ updateProfile(input: {{displayName: "Ana", {field}: "x"}}) {{ errors {{ code }} }} }}'
    )
    with untouched():
        assert code(ask(inline, cast.ana)) == "GRAPHQL_VALIDATION_FAILED"
        # In a variable it is the variable that does not hold; the document does.
        assert code(ask("UpdateProfile", cast.ana, input={"displayName": "Ana", field: "x"})) == "VALIDATION"


def test_row_30_a_draft_is_nobodys_but_its_makers(cast: Cast):
    for name in ("CreateProject", "LaunchProject", "ClaimTask"):
        with untouched():
            assert code(ask(operations()[name], cast.ana, input={"ownerId": id_of(cast.bo)})) == "VALIDATION"
