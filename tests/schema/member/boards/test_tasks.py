"""Boards, and the tasks on them."""

import math

import pytest

from backend.boards.claims import claim_task
from backend.boards.models import Board, Task
from backend.projects.models import Membership, Project, ProjectStatus, Role
from tests import cast as people
from tests.asking import ask, id_of, problems, untouched
from tests.cast import Cast
from tests.schema.deeds import DEEDS, create_board, create_task, edit_task
from tests.schema.member.boards.shown import parts

COORDINATOR_CAN = ["CLAIM", "COMMENT", "EDIT"]


def test_a_project_gets_another_board(cast: Cast):
    answer = create_board(cast).ask("CreateBoard")

    board = Board.objects.get(title="Autumn")
    shown = {"board": {"id": id_of(board), "title": "Autumn"}, "errors": []}
    assert (answer["data"]["createBoard"], board.claim_hours) == (shown, 24)


def test_a_claim_lasts_three_days_unless_somebody_says(cast: Cast):
    for hours in ({}, {"claimHours": None}):
        assert (
            problems(
                ask("CreateBoard", cast.bo, input={"projectId": id_of(cast.project), "title": "A"} | hours)
            )
            == []
        )
    assert set(Board.objects.values_list("claim_hours", flat=True)) == {72}


def test_a_task_is_what_was_written(cast: Cast):
    deed = create_task(cast)
    answer = deed.ask("CreateTask")

    task = Task.objects.get(title="Prune the pear")
    written = {
        "body": "*Low*.",
        "bodyHtml": "<p><em>Low</em>.</p>",
        "skills": ["ladders"],
        "labels": ["trees"],
        "estimateMinutes": 90,
        "slots": 2,
        "openSlots": 2,
        "state": "OPEN",
        "version": 1,
        "dueAt": "2028-02-29T11:00:00+00:00",
    }
    assert answer["data"]["createTask"] == {
        "task": parts(task, cast.bo, COORDINATOR_CAN, **written),
        "errors": [],
    }


def test_a_title_is_enough(cast: Cast):
    board = Board.objects.create(project=cast.project, title="Autumn")
    nothing = dict.fromkeys(("body", "skills", "labels", "estimateMinutes", "slots", "dueAt"))
    for title, rest in (("One", {}), ("Two", nothing)):
        answer = ask("CreateTask", cast.bo, input={"boardId": id_of(board), "title": title} | rest)
        task = Task.objects.get(title=title)
        empty = {"body": "", "skills": [], "labels": [], "estimateMinutes": None, "slots": 1, "dueAt": None}
        assert answer["data"]["createTask"]["task"] == parts(task, cast.bo, COORDINATOR_CAN, **empty)
    assert list(board.tasks.values_list("number", "position")) == [(1, 1.0), (2, 2.0)]


def test_an_edit_changes_what_is_given_and_nothing_else(cast: Cast):
    whole = edit_task(cast).ask("EditTask")["data"]["editTask"]

    written = {
        "title": "Paint the door",
        "body": "*Blue*.",
        "skills": ["paint"],
        "labels": ["wood"],
        "slots": 3,
    }
    assert whole == {"task": parts(cast.task, cast.bo, COORDINATOR_CAN, **written), "errors": []}
    given = {"taskId": id_of(cast.task), "expectedVersion": 2, "estimateMinutes": 5, "title": None}
    only = ask("EditTask", cast.bo, input=given)["data"]["editTask"]
    assert only == {"task": whole["task"] | {"estimateMinutes": 5, "version": 3}, "errors": []}


@pytest.mark.parametrize("version", [0, -1, 1, 3, 2**31 - 1, -(2**31)])
def test_an_edit_of_what_has_changed_meanwhile_is_refused_with_its_version(cast: Cast, version: int):
    Task.objects.filter(pk=cast.task.pk).update(version=2)
    with untouched():
        answer = edit_task(cast).ask("EditTask", expectedVersion=version)
    (error,) = answer["data"]["editTask"]["errors"]
    said = "This task has changed since you read it: it is at version 2 now."
    assert error == {"code": "STALE", "message": said, "field": None}


def test_places_that_are_taken_stay(cast: Cast):
    Task.objects.filter(pk=cast.task.pk).update(slots=3)
    for person in (cast.cy, cast.sol):
        claim_task(task_id=cast.task.pk, by=person)
    version = Task.objects.get(pk=cast.task.pk).version
    with untouched():
        answer = edit_task(cast).ask("EditTask", slots=1, expectedVersion=version)
    assert problems(answer) == [("TOO_FEW_SLOTS", "slots")]
    assert problems(edit_task(cast).ask("EditTask", slots=2, expectedVersion=version)) == []


WORDS = [
    *(("title", title) for title in ("", "ab", "   ", "a" * 161, "abc\u202e", "a\nb\x07")),
    *(("body", body) for body in ("a" * 20_001, "a\x1b[31m", "\u2066")),
    *(("skills", words) for words in (["a"] * 21, [""], ["a" * 41], ["\u200b"])),
    *(("labels", words) for words in ([str(n) for n in range(21)], [" "])),
    *(("estimateMinutes", number) for number in (0, -1, 10_081, 2**31 - 1, -(2**31))),
    *(("slots", number) for number in (0, -1, 101, 2**31 - 1, -(2**31))),
    *(
        ("dueAt", when)
        for when in ("9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00Z", "2099-01-01T00:00:00Z")
    ),
    # Without an offset it is a different moment to everybody.
    *(("dueAt", when) for when in ("2027-01-01T00:00:00", "2027-01-01", "2027-01")),
]


@pytest.mark.parametrize(("field", "value"), WORDS)
def test_what_no_task_says(cast: Cast, field: str, value: object):
    for name in ("CreateTask", "EditTask"):
        asked = DEEDS[name](cast)
        with untouched():
            assert problems(asked.ask(name, **{field: value})) == [("VALIDATION", field)]


@pytest.mark.parametrize(
    "when",
    [
        *(
            "0000-01-01T00:00:00Z",
            "2027-02-30T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "2027-13-01T00:00:00Z",
            "now",
            "",
        ),
        *("9999-12-31T24:00:00Z", "2027-01-01T00:00:00+25:00", 1_800_000_000, True, [], {"year": 2027}),
    ],
)
def test_what_is_no_moment_is_not_even_asked_about(cast: Cast, when: object):
    answer = create_task(cast).ask("CreateTask", dueAt=when)
    assert ("data" in answer, answer["errors"][0]["extensions"]) == (False, {"code": "VALIDATION"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("title", title) for title in ("", " ", "a" * 121, "\u202e")),
        *(("claimHours", hours) for hours in (0, -1, 2_161, 2**31 - 1)),
    ],
)
def test_what_no_board_says(cast: Cast, field: str, value: object):
    asked = create_board(cast)
    with untouched():
        assert problems(asked.ask("CreateBoard", **{field: value})) == [("VALIDATION", field)]


def test_a_task_is_put_behind_another_or_to_the_top(cast: Cast):
    second, third = (people.task(cast.board, title) for title in ("Dig", "Sow"))

    def put(task: Task, behind: Task | None) -> list[str]:
        given = {"taskId": id_of(task), "afterTaskId": id_of(behind) if behind else None}
        answer = ask("MoveTask", cast.bo, input=given)
        task.refresh_from_db()
        shown = {"task": {"id": id_of(task), "position": task.position}, "errors": []}
        assert answer["data"]["moveTask"] == shown
        return list(cast.board.tasks.order_by("position", "id").values_list("title", flat=True))

    assert put(third, cast.task) == ["Paint the gate", "Sow", "Dig"]
    assert put(second, None) == ["Dig", "Paint the gate", "Sow"]
    assert put(second, third) == ["Paint the gate", "Sow", "Dig"]
    top = ask("MoveTask", cast.bo, input={"taskId": id_of(third)})["data"]["moveTask"]["task"]["position"]
    assert top < min(Task.objects.exclude(pk=third.pk).values_list("position", flat=True))
    assert all(math.isfinite(position) for position in Task.objects.values_list("position", flat=True))


def test_a_task_is_put_behind_none_of_another_board_and_not_behind_itself(cast: Cast):
    other = people.task(Board.objects.create(project=cast.project, title="Autumn"))
    for behind in (other, cast.task, Task(pk=10**12)):
        with untouched():
            answer = ask(
                "MoveTask", cast.bo, input={"taskId": id_of(cast.task), "afterTaskId": id_of(behind)}
            )
        assert problems(answer) == [("VALIDATION", "afterTaskId")]


@pytest.mark.parametrize(
    ("position", "code"), [(math.nan, "BAD_REQUEST"), (-1, "VALIDATION"), (1e9, "VALIDATION")]
)
def test_a_place_is_no_number(cast: Cast, position: float, code: str):
    """So it can be neither endless nor somebody else's."""
    answer = DEEDS["MoveTask"](cast).ask("MoveTask", position=position)
    assert ("data" in answer, answer["errors"][0]["extensions"]["code"]) == (False, code)


def test_a_closed_task_is_closed_once(cast: Cast):
    answer = ask("CloseTask", cast.bo, input={"taskId": id_of(cast.task)})

    assert answer["data"]["closeTask"] == {"task": {"id": id_of(cast.task), "state": "CLOSED"}, "errors": []}
    with untouched():
        assert ask("CloseTask", cast.bo, input={"taskId": id_of(cast.task)}) == answer


@pytest.mark.parametrize("name", ["CreateBoard", "CreateTask", "EditTask", "MoveTask", "CloseTask"])
def test_only_who_runs_the_boards_changes_them(cast: Cast, name: str):
    asked = DEEDS[name](cast)
    editor = people.person("eda")
    Membership.objects.create(project=cast.project, user=editor, role=Role.EDITOR)
    for viewer in (cast.cy, cast.sol, editor):
        with untouched():
            assert problems(ask(name, viewer, input=asked.input)) == [("NOT_FOUND", None)]
    assert problems(ask(name, cast.ana, input=asked.input)) == []


def test_the_boards_of_a_draft_are_made_before_its_launch(cast: Cast):
    Project.objects.filter(pk=cast.project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)
    for name in ("CreateBoard", "CreateTask"):
        assert problems(DEEDS[name](cast).ask(name)) == []
