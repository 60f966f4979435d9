"""What subscribers share: all that they select, and nothing of where in their stream each begins."""

import gc
from typing import Any
from weakref import WeakValueDictionary

import pytest

from backend.boards.events import board_stream
from backend.boards.models import Board
from schema import cursors, tellings
from schema.operations import prepare
from schema.preparing import BadRequest
from schema.tellings import Telling, subscribed
from tests.asking import id_of
from tests.cast import Cast, task
from tests.schema.telling import asker_of, happened, on, on_task, telling_of, told


@pytest.fixture(autouse=True)
def nothing_shared_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No telling of another test."""
    monkeypatch.setattr(tellings, "_tellings", WeakValueDictionary())


@pytest.fixture
def three_tasks(cast: Cast) -> Cast:
    """The cast, whose board has three tasks."""
    task(cast.board, "Prune")
    task(cast.board, "Water")
    return cast


TASKS = "board { tasks(first: $n) { edges { node { title } } } }"


def titles(telling: Telling, cast: Cast) -> list[str]:
    """The tasks that are told with an event."""
    (answer,) = told(telling, happened(cast.task), [None])
    edges = answer["boardEvents"]["task"]["board"]["tasks"]["edges"]
    return [edge["node"]["title"] for edge in edges]


def refusal(document: str, **variables: Any) -> list[str]:
    """The codes with which a document is refused."""
    with pytest.raises(BadRequest) as refused:
        subscribed(prepare(document, variables, None), None)
    return [error["extensions"]["code"] for error in refused.value.errors]


def test_where_and_of_what_one_is_told_is_ones_own(cast: Cast):
    """Whoever asks, after whichever event, of whichever board: one telling, and each wants their own."""
    other = Board.objects.create(project=cast.project, title="Autumn")
    document = "subscription($b: ID!, $a: String) { boardEvents(boardId: $b, after: $a) { cursor } }"
    found = [
        subscribed(prepare(document, variables, None), asker)
        for asker in (None, asker_of(cast.cy))
        for variables in (
            {"b": id_of(cast.board)},
            {"b": id_of(cast.board), "a": cursors.encode(board_stream(cast.board.pk), 5)},
            {"b": id_of(other), "a": None},
        )
    ]

    assert len({id(telling) for _, telling in found}) == 1 and len(tellings._tellings) == 1
    assert [(wanted.stream, wanted.after) for wanted, _ in found] == [
        (board_stream(cast.board.pk), None),
        (board_stream(cast.board.pk), 5),
        (board_stream(other.pk), None),
    ] * 2


def test_the_place_that_a_transport_has_kept_is_newer_than_that_of_the_document(cast: Cast):
    kept, sent = (cursors.encode(board_stream(cast.board.pk), seq) for seq in (8, 5))
    prepared = prepare(
        "subscription($b: ID!, $a: String) { boardEvents(boardId: $b, after: $a) { cursor } }",
        {"b": id_of(cast.board), "a": sent},
        None,
    )
    wanted, telling = subscribed(prepared, None, after=kept)
    assert wanted.after == 8
    assert subscribed(prepared, None)[1] is telling


def test_a_variable_of_the_selection_is_shared_by_those_who_sent_the_same(three_tasks: Cast):
    one, two, again = (
        telling_of(on_task(TASKS, ", $n: Int"), n=number, **on(three_tasks.task)) for number in (1, 2, 1)
    )
    assert one is again and one is not two
    assert titles(one, three_tasks) == ["Paint the gate"]
    assert titles(two, three_tasks) == ["Paint the gate", "Prune"]


def test_null_is_neither_nothing_nor_the_default(three_tasks: Cast):
    document = on_task(TASKS, ", $n: Int = 1")
    absent, null, same = (
        telling_of(document, **given, **on(three_tasks.task)) for given in ({}, {"n": None}, {"n": 1})
    )
    assert len({id(each) for each in (absent, null, same)}) == 3
    assert titles(absent, three_tasks) == titles(same, three_tasks) == ["Paint the gate"]
    assert titles(null, three_tasks) == ["Paint the gate", "Prune", "Water"]


def test_a_variable_that_both_the_field_and_its_selection_use_is_of_both(cast: Cast):
    document = (
        "subscription($b: ID!, $a: String) { boardEvents(boardId: $b, after: $a)"
        " { ... on TaskEdited { task { comments(after: $a) { totalCount } } } } }"
    )
    given = [cursors.encode(board_stream(cast.board.pk), seq) for seq in (1, 2)]
    first, second = (telling_of(document, b=id_of(cast.board), a=each) for each in given)
    assert first is not second
    assert told(first, happened(cast.task), [None]) == [["BAD_CURSOR"]]


def test_variables_of_fragments_within_fragments_count(three_tasks: Cast):
    document = (
        on_task("...Whole", ", $n: Int") + " fragment Whole on Task { ...Inner title ...Inner }"
        f" fragment Inner on Task {{ {TASKS} }}"
    )
    one, two = (telling_of(document, n=number, **on(three_tasks.task)) for number in (1, 2))
    assert [len(titles(each, three_tasks)) for each in (one, two)] == [1, 2]


@pytest.mark.parametrize(
    "selection",
    [
        "title @include(if: $x) id",
        "title @skip(if: $y) id",
        "... @include(if: $x) { title } id",
        "...Title @include(if: $x) id",
    ],
)
def test_what_is_left_out_by_a_variable_is_left_out_for_those_who_sent_it(cast: Cast, selection: str):
    directed = f"a: id @include(if: $x) @skip(if: $y) {selection}"
    document = on_task(directed, ", $x: Boolean = true, $y: Boolean = false")
    if "...Title" in selection:
        document += " fragment Title on Task { title }"
    shown = telling_of(document, **on(cast.task))
    hidden = telling_of(document, x=False, y=True, **on(cast.task))
    answers = [told(each, happened(cast.task), [None])[0] for each in (shown, hidden, shown)]

    own = id_of(cast.task)
    assert [answer["boardEvents"]["task"] for answer in answers] == [
        {"a": own, "title": "Paint the gate", "id": own},
        {"id": own},
        {"a": own, "title": "Paint the gate", "id": own},
    ]


def test_it_is_told_by_the_name_that_the_document_gives_it(cast: Cast):
    document = "subscription($b: ID!) { it: boardEvents(boardId: $b) { a: __typename } }"
    telling = telling_of(document, b=id_of(cast.board))
    assert told(telling, happened(cast.task), [None]) == [{"it": {"a": "TaskEdited"}}]


def test_a_field_that_is_written_twice_is_one(cast: Cast):
    board = id_of(cast.board)
    document = (
        f'subscription {{ boardEvents(boardId: "{board}") {{ __typename }} ...More }}'
        f' fragment More on Subscription {{ boardEvents(boardId: "{board}") {{ actor {{ handle }} }} }}'
    )
    answers = told(telling_of(document), happened(cast.task, by=cast.ana), [None])
    assert answers == [{"boardEvents": {"__typename": "TaskEdited", "actor": {"handle": "ana"}}}]


EVENTS = "boardEvents(boardId: $b)"


@pytest.mark.parametrize(
    ("selection", "codes"),
    [
        (f"{EVENTS} {{ cursor }} __typename", ["GRAPHQL_VALIDATION_FAILED"] * 2),
        (f"{EVENTS} {{ cursor }} b: {EVENTS} {{ cursor }}", ["GRAPHQL_VALIDATION_FAILED"]),
        (f"{EVENTS} @skip(if: true) {{ cursor }}", ["VALIDATION"]),
        (f"... @include(if: false) {{ {EVENTS} {{ cursor }} }}", ["VALIDATION"]),
        # What is told may not depend on a variable: those who send the one and the other would share it.
        (f"{EVENTS} @include(if: $x) {{ cursor }}", ["GRAPHQL_VALIDATION_FAILED"]),
        (f"{EVENTS} {{ cursor }} {EVENTS} @skip(if: $x) {{ occurredAt }}", ["GRAPHQL_VALIDATION_FAILED"]),
        (
            f"{EVENTS} {{ cursor }} ... @skip(if: $x) {{ {EVENTS} {{ occurredAt }} }}",
            ["GRAPHQL_VALIDATION_FAILED"],
        ),
    ],
)
def test_a_document_that_selects_no_field_or_several_is_refused(cast: Cast, selection: str, codes: list[str]):
    declared = "$b: ID!" + (", $x: Boolean = true" if "$x" in selection else "")
    assert refusal(f"subscription({declared}) {{ {selection} }}", b=id_of(cast.board)) == codes
    assert len(tellings._tellings) == 0


def test_a_document_that_asks_only_what_it_is_is_refused():
    assert refusal("subscription { __typename }") == ["GRAPHQL_VALIDATION_FAILED"]


@pytest.mark.parametrize("given", [{}, {"boardId": None}, {"boardId": {}}, {"boardId": "x", "n": "many"}])
def test_variables_that_do_not_hold_are_refused(db: None, given: dict[str, Any]):
    assert set(refusal(on_task(TASKS, ", $n: Int"), **given)) == {"VALIDATION"}


def test_nothing_is_kept_when_nobody_is_told_any_more(cast: Cast):
    kept = [telling_of("BoardLive", **on(cast.task)) for _ in range(3)]
    del kept[1:]
    gc.collect()
    assert len(tellings._tellings) == 1
    assert telling_of("BoardLive", **on(cast.task)) is kept[0]

    kept.clear()
    gc.collect()
    assert len(tellings._tellings) == 0
