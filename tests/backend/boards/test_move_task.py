import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.boards.actions import create_task, move_task
from backend.boards.models import Board, Task
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Membership, Role
from tests import cast as people
from tests.cast import Cast
from tests.races import race
from tests.snapshots import refused


def board_of(cast: Cast, count: int = 5) -> tuple[Board, list[Task]]:
    board = Board.objects.create(project=cast.project, title="Summer")
    return board, [people.task(board, f"Task {number}") for number in range(count)]


def order(board: Board) -> list[str]:
    return [task.title.removeprefix("Task ") for task in Task.objects.filter(board=board)]


@pytest.mark.parametrize(
    ("moved", "behind", "expected"),
    [
        (2, None, "20134"),
        (0, None, "01234"),
        (2, 0, "02134"),
        (2, 1, "01234"),
        (2, 4, "01342"),
        (4, 4 - 1, "01234"),
        (0, 2, "12034"),
        (4, 0, "04123"),
    ],
)
def test_a_task_is_put_behind_another_or_to_the_top(
    cast: Cast, moved: int, behind: int | None, expected: str, recorded
):
    board, tasks = board_of(cast)
    after = None if behind is None else tasks[behind].pk

    answer = move_task(task_id=tasks[moved].pk, by=cast.bo, after_task_id=after)

    stored = Task.objects.get(pk=tasks[moved].pk)
    assert "".join(order(board)) == expected
    assert (answer.position, answer.version, stored.version) == (stored.position, 2, 2)
    assert recorded() == [("TaskMoved", f"board:{board.pk}", 1, {"board_id": board.pk, "task_id": stored.pk})]


@given(moves=st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 3)), max_size=12))
@settings(max_examples=20)
def test_the_order_is_that_of_a_list_however_often_things_move(cast: Cast, moves: list):
    board, tasks = board_of(cast, count=4)
    model = [task.pk for task in tasks]
    for moved, behind in moves:
        if moved == behind:
            continue
        pk, after = tasks[moved].pk, None if behind is None else tasks[behind].pk
        move_task(task_id=pk, by=cast.ana, after_task_id=after)
        model.remove(pk)
        model.insert(0 if after is None else model.index(after) + 1, pk)
        rows = list(Task.objects.filter(board=board).values_list("pk", "position"))
        assert [row[0] for row in rows] == model
        assert len({position for _, position in rows}) == 4


def test_between_two_there_is_always_room(cast: Cast):
    """A hundred moves between the same two halve their distance beyond what a float can tell apart."""
    board, tasks = board_of(cast, count=3)
    first, *others = tasks
    for turn in range(130):
        move_task(task_id=others[turn % 2].pk, by=cast.ana, after_task_id=first.pk)
    positions = list(Task.objects.filter(board=board).values_list("position", flat=True))
    assert len(set(positions)) == 3
    assert Task.objects.filter(board=board).first() == first
    assert create_task(board_id=board.pk, by=cast.ana, title="Last").position > max(positions)


def test_only_its_own_version_moves_when_a_board_is_counted_anew(cast: Cast):
    board, tasks = board_of(cast, count=4)
    Task.objects.filter(board=board).update(position=1.0)
    move_task(task_id=tasks[3].pk, by=cast.ana, after_task_id=tasks[0].pk)
    assert order(board) == ["0", "3", "1", "2"]
    assert list(Task.objects.filter(board=board).values_list("version", flat=True)) == [1, 2, 1, 1]


def test_a_task_is_put_behind_a_task_of_its_board_and_of_no_other(cast: Cast):
    _, tasks = board_of(cast, count=2)
    for after in (cast.task.pk, tasks[0].pk, 0, -1, 10**9, 2**63, float("nan")):
        with refused(Invalid, "afterTaskId"):
            move_task(task_id=tasks[0].pk, by=cast.ana, after_task_id=after)


def test_whoever_does_not_run_the_board_moves_nothing(cast: Cast):
    Membership.objects.create(project=cast.project, user=cast.cy, role=Role.EDITOR)
    for pk, by in ((cast.task.pk, cast.cy), (cast.task.pk, cast.sol), (0, cast.ana), (2**70, cast.ana)):
        with refused(NotFound):
            move_task(task_id=pk, by=by, after_task_id=None)


def test_sixteen_who_move_at_once_leave_every_task_a_place_of_its_own(racing_cast: Cast, recorded):
    board, tasks = board_of(racing_cast, count=8)

    def move(racer: int) -> Task:
        after = None if racer % 4 == 0 else tasks[0].pk
        return move_task(task_id=tasks[1 + racer % 7].pk, by=racing_cast.ana, after_task_id=after)

    assert race(move, range(16)) == ["Task"] * 16
    assert len(set(Task.objects.filter(board=board).values_list("position", flat=True))) == 8
    assert [seq for _, _, seq, _ in recorded()] == list(range(1, 17))
    assert sum(Task.objects.filter(board=board).values_list("version", flat=True)) == 8 + 16
