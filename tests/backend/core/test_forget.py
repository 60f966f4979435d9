"""The log is kept for thirty days, and what it keeps of a stream has no gap."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from backend.boards.events import TaskClosed
from backend.core import jobs
from backend.core.events import forget, heads, record
from backend.core.models import Pending, RecordedEvent
from tests.cast import Cast
from tests.races import race
from tests.snapshots import snapshot

MONTH = timedelta(days=30)


def happen(board: int, *days_ago: float) -> list[RecordedEvent]:
    """Events on a board, so many days ago."""
    with transaction.atomic():
        rows = record(*(TaskClosed(board_id=board, task_id=1) for _ in days_ago), by=None)
    for row, days in zip(rows, days_ago, strict=True):
        row.occurred_at = timezone.now() - timedelta(days=days)
        row.save()
    return rows


def kept() -> dict[str, list[int]]:
    of: dict[str, list[int]] = {}
    for stream, seq in RecordedEvent.objects.order_by("stream", "seq").values_list("stream", "seq"):
        of.setdefault(stream, []).append(seq)
    return of


def forget_a_month(most: int = 100) -> int:
    return forget(before=timezone.now() - MONTH, most=most)


def test_what_is_older_than_a_month_goes_and_the_numbers_of_its_stream_stay(cast: Cast):
    happen(7, 90, 31, 30.01)
    happen(7, 29.99, 0)
    happen(8, 29)

    assert forget_a_month() == 3
    assert kept() == {"board:7": [4, 5], "board:8": [1]}
    assert forget_a_month() == 0
    (following,) = happen(7, 0)
    assert (following.seq, heads(["board:7"])) == (6, {"board:7": 6})


def test_a_stream_whose_events_are_all_gone_still_knows_its_number(cast: Cast):
    happen(7, 40, 35)
    assert (forget_a_month(), kept(), heads(["board:7"])) == (2, {}, {"board:7": 2})


def test_no_more_go_at_once_than_are_asked_and_the_oldest_first(cast: Cast):
    for board in (7, 8, 7, 8):
        happen(board, 40)
    assert forget_a_month(most=3) == 3
    assert kept() == {"board:8": [2]}
    assert forget_a_month(most=3) == 1


def test_what_a_reader_still_has_to_deal_with_stays_and_so_does_what_follows_it_on_its_stream(cast: Cast):
    """Whoever is at 1 would be told 3 and then 5, and never learn that 4 was there."""
    seventh, _ = happen(7, 60, 59, 58, 57, 56), happen(8, 55, 54)
    mark = Pending.objects.create(reader="notifications", event=seventh[2])

    assert forget_a_month() == 4
    assert kept() == {"board:7": [3, 4, 5]}
    assert Pending.objects.get() == mark
    mark.delete()
    assert (forget_a_month(), kept()) == (3, {})


def test_moments_that_are_out_of_order_make_no_gap(cast: Cast):
    """A transaction takes its moment before it waits for the stream's row: a later number may be a little older."""
    happen(7, 31, 29.999, 30.001, 0)
    assert (forget_a_month(), kept()) == (1, {"board:7": [2, 3, 4]})


def test_an_event_that_is_marked_is_not_deleted_in_any_other_way(racing_cast: Cast):
    (row,) = happen(7, 40)
    Pending.objects.create(reader="notifications", event=row)
    before = snapshot()
    with pytest.raises(ProtectedError):
        row.delete()
    assert snapshot() == before


def test_whoever_speaks_on_a_stream_does_not_wait_for_its_past_to_go(racing_cast: Cast):
    happen(7, 40, 40)
    with transaction.atomic():
        assert forget_a_month() == 2
        assert race(lambda _: happen(7, 0), [1]) == ["list"]
    assert kept() == {"board:7": [3]}


def test_the_clock_prunes_the_log_by_its_own_measures(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    happen(7, 40, 31, 30.01, 29.9)
    jobs.prune_log()
    assert kept() == {"board:7": [3, 4]}
    jobs.prune_log()
    assert kept() == {"board:7": [4]}
    jobs.prune_log()
    assert kept() == {"board:7": [4]}
