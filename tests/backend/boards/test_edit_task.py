from datetime import timedelta

import pytest
from django.utils import timezone

from backend.boards.actions import Stale, TooFewSlots, edit_task
from backend.boards.claims import claim_task, submit_work
from backend.boards.models import Task, TaskState
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Membership, Role
from tests import cast as people
from tests.cast import Cast, person
from tests.races import after_a_wait, answers
from tests.snapshots import refused


def test_what_is_given_is_changed_and_the_rest_stays(cast: Cast, recorded):
    before = Task.objects.values().get(pk=cast.task.pk)
    due_at = timezone.now() + timedelta(days=1)

    edit_task(task_id=cast.task.pk, by=cast.bo, expected_version=1, body="*Blue*", slots=2, due_at=due_at)

    after = Task.objects.values().get(pk=cast.task.pk)
    assert {key: after[key] for key in after if after[key] != before[key]} == {
        "body": "*Blue*",
        "body_html": "<p><em>Blue</em></p>",
        "slots": 2,
        "open_slots": 2,
        "due_at": due_at,
        "version": 2,
    }
    facts = {"board_id": cast.board.pk, "task_id": cast.task.pk}
    assert recorded() == [("TaskEdited", f"board:{cast.board.pk}", 1, facts)]


@pytest.mark.parametrize("version", [0, 2, -1, 2**31, 2**63])
def test_whoever_edits_an_older_task_than_there_is_hears_the_version_it_has(cast: Cast, version: int):
    with refused(Stale) as answer:
        edit_task(task_id=cast.task.pk, by=cast.ana, expected_version=version, title="Another")
    assert answer.value.code == "STALE"
    assert "version 1 now" in str(answer.value)


def test_a_claim_makes_what_an_editor_read_stale(cast: Cast):
    claim_task(task_id=cast.task.pk, by=cast.cy)
    with refused(Stale):
        edit_task(task_id=cast.task.pk, by=cast.ana, expected_version=1, title="Another")


def test_places_that_people_hold_cannot_be_taken_away(cast: Cast):
    task = people.task(cast.board, slots=5)
    held = [claim_task(task_id=task.pk, by=by) for by in (cast.cy, cast.bo, person("dee"))]
    submit_work(claim_id=held[0].pk, by=cast.cy)
    version = Task.objects.get(pk=task.pk).version

    with refused(TooFewSlots, "slots") as answer:
        edit_task(task_id=task.pk, by=cast.ana, expected_version=version, slots=2)
    assert answer.value.code == "TOO_FEW_SLOTS"

    edited = edit_task(task_id=task.pk, by=cast.ana, expected_version=version, slots=3)
    assert (edited.slots, edited.open_slots, edited.state) == (3, 0, TaskState.SUBMITTED)


def test_whoever_does_not_run_the_board_finds_no_task(cast: Cast):
    Membership.objects.create(project=cast.project, user=cast.cy, role=Role.EDITOR)
    for by in (cast.cy, cast.sol):
        with refused(NotFound):
            edit_task(task_id=cast.task.pk, by=by, expected_version=1, title="Another")
    for pk in (0, -1, 2**62, 2**70):
        with refused(NotFound):
            edit_task(task_id=pk, by=cast.ana, expected_version=1, title="Another")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "ab"}, "title"),
        ({"body": "a\0"}, "body"),
        ({"slots": 0}, "slots"),
        ({"slots": 101}, "slots"),
        ({"estimate_minutes": 0}, "estimateMinutes"),
        ({"skills": ["x"] * 21}, "skills"),
        ({"labels": [" "]}, "labels"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_nothing_beside_it_is_changed(
    cast: Cast, given: dict, field: str
):
    with refused(Invalid, field):
        edit_task(task_id=cast.task.pk, by=cast.ana, expected_version=1, **{"title": "Another", **given})


def test_of_eight_edits_of_one_version_at_once_one_is_kept(racing_cast: Cast, recorded):
    def edit(number: int) -> Task:
        return edit_task(
            task_id=racing_cast.task.pk, by=racing_cast.ana, expected_version=1, title=f"Title {number}"
        )

    out = answers(edit, range(8))

    (kept,) = [answer for answer in out if isinstance(answer, Task)]
    assert [type(answer) for answer in out if answer is not kept] == [Stale] * 7
    stored = Task.objects.get(pk=racing_cast.task.pk)
    assert (stored.title, stored.version) == (kept.title, 2)
    assert [kind for kind, *_ in recorded()] == ["TaskEdited"]


def test_a_place_that_is_being_claimed_cannot_be_taken_away(racing_cast: Cast):
    task = people.task(racing_cast.board, slots=2)

    def shrink() -> Task:
        return edit_task(task_id=task.pk, by=racing_cast.ana, expected_version=1, slots=1)

    with after_a_wait(shrink) as came_out:
        Task.objects.filter(pk=task.pk).update(claimed_count=2, version=2)
    assert [type(answer) for answer in came_out] == [Stale]
    assert Task.objects.get(pk=task.pk).slots == 2
