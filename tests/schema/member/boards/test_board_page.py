from backend.boards.claims import claim_task
from backend.boards.models import Board, Task
from backend.projects.models import Project, ProjectStatus
from schema.cursors import decode
from tests import cast as people
from tests.asking import ask, id_of, statements
from tests.cast import Cast
from tests.schema.member.boards.shown import parts


def test_a_board_shows_its_tasks_from_the_top_and_where_it_stands(cast: Cast):
    last = people.task(cast.board, "Sweep", slots=2)
    claim_task(task_id=cast.task.pk, by=cast.cy)
    claim_task(task_id=last.pk, by=cast.bo)

    board = ask("BoardPage", cast.cy, id=id_of(cast.board), first=5)["data"]["board"]

    assert decode(board.pop("cursor"), f"board:{cast.board.pk}") == [2]
    assert board["tasks"]["pageInfo"].pop("endCursor")
    assert board == {
        "id": id_of(cast.board),
        "title": "Spring",
        "project": {
            "id": id_of(cast.project),
            "slug": "huerta-del-rio",
            "title": "Huerta del río",
        },
        "tasks": {
            "totalCount": 2,
            "pageInfo": {"hasNextPage": False},
            "edges": [
                {"node": parts(cast.task, cast.cy, ["RELEASE", "SUBMIT", "COMMENT"], state="CLAIMED")},
                {"node": parts(last, cast.cy, ["CLAIM", "COMMENT"], state="OPEN", openSlots=1)},
            ],
        },
        "present": [],
    }


def test_nobody_sees_it_too_and_can_do_nothing(cast: Cast):
    claim_task(task_id=cast.task.pk, by=cast.cy)
    board = ask("BoardPage", id=id_of(cast.board), first=5)["data"]["board"]
    assert [edge["node"] for edge in board["tasks"]["edges"]] == [
        parts(cast.task, None, [], viewerClaim=None)
    ]


def test_a_board_on_which_nothing_happened_stands_at_the_beginning(cast: Cast):
    board = ask("BoardPage", id=id_of(cast.board), first=5)["data"]["board"]
    assert decode(board["cursor"], f"board:{cast.board.pk}") == [0]


def test_where_a_board_stands_is_read_with_its_tasks(cast: Cast):
    """In one statement, so in one snapshot: what is in the tasks is not after the cursor, and the other way round."""
    with statements() as said:
        ask("BoardPage", id=id_of(cast.board), first=5)
    (one,) = said
    assert "core_stream" in one and '"boards_task"' in one


def test_a_board_that_is_hidden_is_not_there(cast: Cast):
    hidden = Board.objects.create(
        project=people.project(cast.ana, "Seeds", status=ProjectStatus.DRAFT), title="Hidden"
    )
    answers = [
        ask("BoardPage", cast.cy, id=id, first=5)
        for id in (
            id_of(hidden),
            id_of(Board(pk=10**12)),
            "garbage",
            "",
            id_of(cast.project),
            id_of(cast.task),
        )
    ]
    assert all(answer == answers[0] for answer in answers)
    assert (answers[0]["data"], answers[0]["errors"][0]["extensions"]) == (
        {"board": None},
        {"code": "NOT_FOUND"},
    )


def test_a_task_leads_up_to_its_project(cast: Cast):
    query = "query($id: ID!) { node(id: $id) { ... on Task { board { title project { title } } } } }"
    assert ask(query, id=id_of(cast.task))["data"]["node"] == {
        "board": {"title": "Spring", "project": {"title": "Huerta del río"}}
    }
    Project.objects.filter(pk=cast.project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)
    assert ask(query, id=id_of(cast.task))["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
    assert Task.objects.filter(pk=cast.task.pk).exists()
