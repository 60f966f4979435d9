import base64
from typing import Any

import pytest

from backend.boards.events import board_stream
from backend.boards.models import Board, Task
from schema import cursors
from tests import cast as people
from tests.asking import ask, id_of
from tests.cast import Cast
from tests.schema.test_paging import every_list
from tests.schema.walks import WALKS, Walk, listed

BAD_CURSOR = ("BAD_CURSOR", "This cursor does not belong to this list.", None)
TOO_MANY = ("VALIDATION", "Between 1 and 100.", "first")


def refusal(answer: dict[str, Any]) -> tuple[str, str, str | None]:
    """Why a query was not answered: the one error of it, and that it left nothing."""
    (error,) = answer["errors"]
    said = error["extensions"]
    return said["code"], error["message"], said.get("field")


@every_list
def test_a_page_has_one_to_a_hundred_rows(cast: Cast, walk: Walk):
    walk.make(cast, [1])

    for first in (0, -1, 101, 1_000_000, -(2**31)):
        answer = walk.ask(cast, first=first)
        assert refusal(answer) == TOO_MANY
        # A list is never null, so what holds it is.
        assert list((answer["data"] or {"nothing": None}).values()) == [None]
    assert "errors" not in walk.ask(cast, first=100)


@pytest.mark.parametrize(
    "first", [2**31, -(2**31) - 1, 2**63, 2**100, 1.5, 1e300, "10", "", True, [], [1], {}]
)
def test_what_is_no_32_bit_number_does_not_even_run(db: None, first: object):
    answer = ask("query($first: Int) { communities(first: $first) { totalCount } }", first=first)

    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"VALIDATION"}


@pytest.mark.parametrize(
    "first", ["2147483648", "1.0", "1e1", '"10"', "TEN", "[1]", "{}", "true", "9" * 5000]
)
def test_so_it_is_with_one_that_is_written_into_the_document(db: None, first: str):
    answer = ask(f"{{ communities(first: {first}) {{ totalCount }} }}")

    assert "data" not in answer
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


@every_list
def test_there_is_one_way_to_read_on(db: None, walk: Walk):
    of = {"of": "x"} if walk.owner else {}

    for argument in ("last: 5", 'before: "x"', "offset: 10000000", "skip: 1", "page: 2"):
        answer = ask(walk.document().replace("first: $first", f"first: $first, {argument}"), **of)
        assert "data" not in answer
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
        assert "Did you mean" not in str(answer)


def test_the_cursor_of_another_list_is_refused(cast: Cast):
    given: dict[str, str] = {}
    for walk in WALKS:
        walk.make(cast, [1])
        given[walk.name] = listed(walk.ask(cast, first=1))["edges"][0]["cursor"]

    # What is asked for through an interface is the same list.
    same = {"comments on a task", "comments on something"}
    for place, walk in enumerate(WALKS):
        # Those that stand next to one another are the most alike.
        for other in (WALKS[(place + step) % len(WALKS)] for step in range(-3, 4)):
            answer = walk.ask(cast, after=given[other.name])
            if other is walk or {other.name, walk.name} == same:
                assert "errors" not in answer
            else:
                assert refusal(answer) == BAD_CURSOR, (walk.name, other.name)


@pytest.mark.parametrize("other_way_round", [False, True])
def test_the_cursor_of_another_board_is_refused(cast: Cast, other_way_round: bool):
    (walk,) = [each for each in WALKS if each.name == "tasks"]
    other = Board.objects.create(project=cast.project, title="Autumn")
    Task.objects.create(board=other, number=1, title="Prune", position=1.0)
    mine, theirs = (other, cast.board) if other_way_round else (cast.board, other)

    cursor = listed(walk.ask(cast, owner=theirs))["edges"][0]["cursor"]

    assert refusal(walk.ask(cast, owner=mine, after=cursor)) == BAD_CURSOR


def test_the_cursor_of_another_persons_notifications_is_refused(cast: Cast):
    (walk,) = [each for each in WALKS if each.name == "notifications"]
    walk.make(cast, [1])
    cursor = listed(walk.ask(cast))["edges"][0]["cursor"]

    assert refusal(ask(walk.document(), cast.bo, after=cursor)) == BAD_CURSOR


def test_a_place_in_a_stream_is_none_in_a_list(cast: Cast):
    (walk,) = [each for each in WALKS if each.name == "tasks"]
    board = ask("query($id: ID!) { board(id: $id) { cursor } }", id=id_of(cast.board))["data"]["board"]

    assert refusal(walk.ask(cast, after=board["cursor"])) == BAD_CURSOR
    assert refusal(walk.ask(cast, after=cursors.encode(board_stream(cast.board.pk), 1, 1))) == BAD_CURSOR


@every_list
def test_what_no_list_gave_out_is_refused(cast: Cast, walk: Walk):
    walk.make(cast, [1])
    unsigned = base64.urlsafe_b64encode(b'["projects.NEWEST",1]').decode()

    for cursor in ("", "garbage", "A" * 60_000, "====", "é🐝", unsigned):
        assert refusal(walk.ask(cast, after=cursor)) == BAD_CURSOR


def test_an_edited_cursor_is_refused(cast: Cast):
    (walk,) = [each for each in WALKS if each.name == "tasks"]
    for _ in range(3):
        people.task(cast.board)
    cursor = listed(walk.ask(cast))["edges"][1]["cursor"]

    for index in range(0, len(cursor), 5):
        edited = cursor[:index] + ("A" if cursor[index] != "A" else "B") + cursor[index + 1 :]
        assert refusal(walk.ask(cast, after=edited)) == BAD_CURSOR


def test_the_people_of_a_notification_are_one_to_a_hundred(cast: Cast):
    (walk,) = [each for each in WALKS if each.name == "notifications"]
    walk.make(cast, [1])
    query = "query($n: Int) { viewer { notifications { edges { node { actors(first: $n) { id } } } } } }"

    assert [refusal(ask(query, cast.ana, n=n)) for n in (0, -1, 101)] == [TOO_MANY] * 3
    assert "errors" not in ask(query, cast.ana, n=None)


def test_a_list_that_is_empty_for_now_is_as_strict(cast: Cast):
    query = (
        "query($of: ID!, $first: Int, $after: String) {"
        " node(id: $of) { ... on Project { proposals(first: $first, after: $after) { totalCount } } } }"
    )

    assert refusal(ask(query, None, of=id_of(cast.project), first=0)) == TOO_MANY
    assert refusal(ask(query, None, of=id_of(cast.project), after="garbage")) == BAD_CURSOR
    assert "errors" not in ask(query, None, of=id_of(cast.project), first=5)
