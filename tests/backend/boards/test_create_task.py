from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from backend.boards.actions import create_task
from backend.boards.models import Board, Task, TaskState
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Membership, ProjectStatus, Role
from tests.cast import Cast, project
from tests.races import answers
from tests.snapshots import refused


def test_a_task_stands_open_at_the_end_of_its_board(cast: Cast, recorded):
    board = Board.objects.create(project=cast.project, title="Summer")
    due_at = timezone.now() + timedelta(days=7)

    first = create_task(board_id=board.pk, by=cast.bo, title="Dig")
    task = create_task(
        board_id=board.pk,
        by=cast.bo,
        title=" Paint  the gate ",
        body="Two *coats*.",
        skills=["Painting", "painting"],
        labels=["Outdoors"],
        estimate_minutes=90,
        slots=3,
        due_at=due_at,
    )

    stored = Task.objects.get(pk=task.pk)
    assert (stored.number, stored.title, stored.body, stored.body_html) == (
        2,
        "Paint the gate",
        "Two *coats*.",
        "<p>Two <em>coats</em>.</p>",
    )
    assert (stored.skills, stored.labels, stored.estimate_minutes) == (["painting"], ["outdoors"], 90)
    assert (stored.slots, stored.open_slots, stored.state, stored.version) == (3, 3, TaskState.OPEN, 1)
    assert (stored.due_at, stored.closed_at, stored.comment_count) == (due_at, None, 0)
    assert list(Task.objects.filter(board=board)) == [first, task]
    stream = f"board:{board.pk}"
    assert recorded() == [
        ("TaskCreated", stream, number, {"board_id": board.pk, "task_id": made.pk})
        for number, made in ((1, first), (2, task))
    ]


def test_whoever_does_not_run_the_board_finds_none(cast: Cast):
    Membership.objects.create(project=cast.project, user=cast.cy, role=Role.EDITOR)
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    hidden = Board.objects.create(project=draft, title="Hidden")
    for board_id, by in (
        (cast.board.pk, cast.cy),
        (cast.board.pk, cast.sol),
        (hidden.pk, cast.bo),
        (0, cast.ana),
        (2**62, cast.ana),
        (2**70, cast.ana),
    ):
        with refused(NotFound) as answer:
            create_task(board_id=board_id, by=by, title="Dig")
        assert str(answer.value) == NotFound.message


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "ab"}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"title": "a\nbc"}, "title"),
        ({"body": "x" * 20_001}, "body"),
        ({"body": "\ud800"}, "body"),
        ({"skills": ["x"] * 21}, "skills"),
        ({"labels": ["x" * 41]}, "labels"),
        ({"estimate_minutes": 0}, "estimateMinutes"),
        ({"estimate_minutes": -5}, "estimateMinutes"),
        ({"estimate_minutes": 10_081}, "estimateMinutes"),
        ({"slots": 0}, "slots"),
        ({"slots": 101}, "slots"),
        ({"slots": -1}, "slots"),
        ({"slots": 2**63}, "slots"),
        ({"due_at": datetime(1, 1, 1, tzinfo=UTC)}, "dueAt"),
        ({"due_at": datetime.max.replace(tzinfo=UTC)}, "dueAt"),
        ({"due_at": timezone.now() + timedelta(days=5 * 365 + 1)}, "dueAt"),
    ],
)
def test_what_cannot_be_a_task_is_refused(cast: Cast, given: dict, field: str):
    with refused(Invalid, field):
        create_task(board_id=cast.board.pk, by=cast.ana, **{"title": "Dig", **given})


def test_sixteen_tasks_at_once_have_numbers_and_places_of_their_own(racing_cast: Cast, recorded):
    board = Board.objects.create(project=racing_cast.project, title="Summer")

    made = answers(
        lambda number: create_task(board_id=board.pk, by=racing_cast.ana, title=f"Task {number}"), range(16)
    )

    assert {type(task) for task in made} == {Task}
    tasks = list(Task.objects.filter(board=board).order_by("position"))
    assert [task.number for task in tasks] == list(range(1, 17))
    assert len({task.position for task in tasks}) == 16
    assert [seq for _, _, seq, _ in recorded()] == list(range(1, 17))
