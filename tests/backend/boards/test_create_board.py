import pytest

from backend.boards.actions import create_board
from backend.boards.models import Board
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Membership, ProjectStatus, Role
from tests.cast import Cast, person, project
from tests.snapshots import refused


def test_a_project_gets_another_board(cast: Cast, recorded):
    board = create_board(project_id=cast.project.pk, by=cast.bo, title=" Summer  work ", claim_hours=24)

    stored = Board.objects.get(pk=board.pk)
    assert (stored.project, stored.title, stored.claim_hours, stored.last_task_number) == (
        cast.project,
        "Summer work",
        24,
        0,
    )
    assert recorded() == []


def test_a_claim_lasts_three_days_unless_said_otherwise(cast: Cast):
    assert create_board(project_id=cast.project.pk, by=cast.ana, title="Summer").claim_hours == 72


@pytest.mark.parametrize("role", [*Role, None])
def test_coordinators_make_boards_and_nobody_else(cast: Cast, role: Role | None):
    dee = person("dee")
    Membership.objects.filter(role=role or "", project=cast.project).delete()
    if role:
        Membership.objects.create(project=cast.project, user=dee, role=role)
    if role in (Role.OWNER, Role.ADMIN, Role.COORDINATOR):
        assert create_board(project_id=cast.project.pk, by=dee, title="Summer").title == "Summer"
        return
    for by in (dee, cast.cy, cast.sol):
        with refused(NotFound):
            create_board(project_id=cast.project.pk, by=by, title="Summer")


def test_a_project_that_one_does_not_see_has_no_boards_to_make(cast: Cast):
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    for pk in (draft.pk, 0, -1, 2**62, 2**70):
        with refused(NotFound) as answer:
            create_board(project_id=pk, by=cast.bo, title="Summer")
        assert str(answer.value) == NotFound.message


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "\u200d"}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"claim_hours": 0}, "claimHours"),
        ({"claim_hours": -1}, "claimHours"),
        ({"claim_hours": 24 * 90 + 1}, "claimHours"),
        ({"claim_hours": 2**63}, "claimHours"),
    ],
)
def test_what_cannot_be_a_board_is_refused(cast: Cast, given: dict, field: str):
    with refused(Invalid, field):
        create_board(project_id=cast.project.pk, by=cast.ana, **{"title": "Summer", **given})
