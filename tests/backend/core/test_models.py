import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.boards.events import TaskClaimed, TaskClosed
from backend.core.events import record
from backend.core.models import Pending, RecordedEvent, Stream, found_or_made, names_where
from tests.cast import Cast
from tests.constraints import assert_each_is_refused


def event(**facts: object) -> RecordedEvent:
    return RecordedEvent.objects.create(
        **{
            "stream_id": "board:7",
            "seq": 2,
            "kind": "TaskClosed",
            "facts": {},
            "occurred_at": timezone.now(),
            **facts,
        }
    )


def test_the_database_refuses_what_can_never_be(cast: Cast):
    (row,) = record(TaskClaimed(board_id=7, task_id=1, claim_id=1, claimant_id=1), by=None)
    assert_each_is_refused(
        "core",
        {
            "event_number_is_unique_in_its_stream": lambda: event(seq=1),
            "event_numbers_start_at_one": lambda: event(seq=0),
            "event_is_pending_once_a_reader": lambda: Pending.objects.create(
                reader="notifications", event=row
            ),
        },
    )


def test_an_event_has_a_stream_and_a_stream_with_events_stays(racing_cast: Cast):
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        event(stream_id="board:9")
    with transaction.atomic():
        record(TaskClosed(board_id=7, task_id=1), by=None)
    with pytest.raises(ProtectedError):
        Stream.objects.get(name="board:7").delete()


def test_names_where_lists_the_conditions_that_hold_in_the_order_given(cast: Cast):
    people = User.objects.annotate(
        names=names_where(STAFF=Q(is_staff=True), HERE=Q(is_active=True), CY=Q(handle="cy")),
        none=names_where(),
    )
    assert {each.handle: (each.names, each.none) for each in people} == {
        "ana": (["HERE"], []),
        "bo": (["HERE"], []),
        "cy": (["HERE", "CY"], []),
        "sol": (["STAFF", "HERE"], []),
    }


class Vanishing:
    """Rows that go again between the insert that meets them and the look for them, a few times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def get_or_create(self, defaults: dict[str, object] | None, **facts: object) -> tuple[str, bool]:
        self.times -= 1
        if self.times >= 0:
            raise IntegrityError
        return f"{defaults} {facts}", True


def test_a_row_that_comes_and_goes_is_looked_for_again_but_not_for_ever():
    assert found_or_made(Vanishing(5), {"a": 1}, b=2) == ("{'a': 1} {'b': 2}", True)
    with pytest.raises(IntegrityError):
        found_or_made(Vanishing(6))
