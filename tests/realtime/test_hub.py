"""The hub tells each follower all that is in the log, once and in order, whatever becomes of the pokes."""

import asyncio

import pytest
from django.db import OperationalError

from backend.boards.events import board_stream
from backend.core.models import RecordedEvent
from realtime import hub, log, pokes, watch
from schema.subscriptions import Missed
from tests.realtime.following import apart, follow, record_now, seqs, tell, until

pytestmark = pytest.mark.django_db(transaction=True)

#: A board's number on its stream, which nobody else on this Redis pokes; the hub never asks what a stream is about.
BOARD = 2**40 + 7


@pytest.fixture
def no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but pokes wakes anybody for as long as a test runs."""
    monkeypatch.setattr(hub, "SWEEP", 600.0)


@pytest.fixture
def no_pokes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every poke is lost."""
    monkeypatch.setattr(pokes, "poke", lambda marks: None)


async def test_a_late_joiner_is_told_what_it_missed_and_then_what_comes(no_sweep: None):
    await tell(BOARD, 5)
    follower = follow(BOARD, after=2)
    await follower.hears(3)
    await tell(BOARD, 2)
    await follower.hears(5)

    assert seqs(follower) == [3, 4, 5, 6, 7]


async def test_without_a_cursor_it_begins_now(no_sweep: None):
    await tell(BOARD, 3)
    follower = follow(BOARD, after=None)
    # How soon now is, nobody is told; so events are made until the first one is told.
    for _ in range(100):
        await tell(BOARD)
        await until(lambda: follower.told, 0.05)
        if follower.told:
            break
    await tell(BOARD, 2)
    last = await apart(lambda: RecordedEvent.objects.latest("seq").seq)
    await until(lambda: seqs(follower)[-1:] == [last])

    assert seqs(follower) == list(range(seqs(follower)[0], last + 1))
    assert seqs(follower)[0] > 3


async def test_what_commits_while_one_joins_is_told_once(no_sweep: None, monkeypatch: pytest.MonkeyPatch):
    """At the seam of log and pokes: between joining, looking where the stream is, and reading."""
    look, read = log.head, log.after

    def look_while_it_moves(stream: str) -> int:
        if stream == board_stream(BOARD):
            record_now(BOARD, 2)
        found = look(stream)
        if stream == board_stream(BOARD):
            record_now(BOARD, 2)
        return found

    def read_while_it_moves(stream: str, seq: int) -> list[RecordedEvent]:
        monkeypatch.setattr(log, "after", read)
        record_now(BOARD, 2)
        rows = read(stream, seq)
        record_now(BOARD, 2)
        return rows

    monkeypatch.setattr(log, "head", look_while_it_moves)
    monkeypatch.setattr(log, "after", read_while_it_moves)
    await tell(BOARD, 2)
    follower = follow(BOARD, after=1)
    await follower.hears(9)
    await tell(BOARD, 2)
    await follower.hears(11)

    assert seqs(follower) == list(range(2, 13))


async def test_more_than_one_batch_is_told_in_order(no_sweep: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log, "BATCH", 3)
    await tell(BOARD, 10)
    follower = follow(BOARD)
    await follower.hears(10)

    assert seqs(follower) == list(range(1, 11))


async def test_two_followers_of_one_stream_are_independent(no_sweep: None):
    """Channels' own `listen_to_channel` leaves the group for both when the first of them ends."""
    first, second, other = follow(BOARD), follow(BOARD), follow(BOARD + 1)
    await tell(BOARD)
    await first.hears(1)
    await second.hears(1)
    await first.stop()
    await tell(BOARD, 2)
    await tell(BOARD + 1)
    await second.hears(3)
    await other.hears(1)

    assert (seqs(first), seqs(second), seqs(other)) == ([1], [1, 2, 3], [1])

    third = follow(BOARD, after=3)
    await second.stop()
    await tell(BOARD)
    await third.hears(1)
    assert (seqs(second), seqs(third)) == ([1, 2, 3], [4])


async def test_a_hundred_followers_come_and_go_and_nothing_stays(no_sweep: None):
    at = hub.hub_of_process()
    followers = [follow(BOARD + number % 5) for number in range(100)]
    await asyncio.gather(*(tell(BOARD + number) for number in range(5)))
    for follower in followers:
        await follower.hears(1)
    tasks = len(asyncio.all_tasks())
    await asyncio.gather(*(follower.stop() for follower in followers[:99]))

    assert {each.stream: len(each.followers) for each in at._watched.values()} == {board_stream(BOARD + 4): 1}
    await followers[99].stop()
    assert at._watched == {} and at._clients == {} and at._of_person == {}
    await until(lambda: at._pokes._layer.groups == {})
    assert at._pokes._layer.groups == {} and at._pokes._heard == set()
    # What looks again and again, and nothing for those who were there.
    assert len(asyncio.all_tasks()) <= tasks


async def test_a_lost_poke_is_healed_by_the_sweep(no_pokes: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub, "SWEEP", 0.1)
    follower = follow(BOARD)
    for count in (1, 2, 3):
        await tell(BOARD)
        await follower.hears(count, seconds=1)

    assert seqs(follower) == [1, 2, 3]


async def test_without_pokes_and_sweep_nothing_comes(
    no_pokes: None, no_sweep: None, monkeypatch: pytest.MonkeyPatch
):
    """The control: it is the poke that is quick, and the sweep that heals."""
    read, done = log.after, []

    def read_and_count(stream: str, seq: int) -> list[RecordedEvent]:
        done.append(read(stream, seq))
        return done[-1]

    monkeypatch.setattr(log, "after", read_and_count)
    follower = follow(BOARD)
    # It has read that there is nothing, when it was admitted or when its pokes could be heard, and waits.
    await until(lambda: done)
    await asyncio.sleep(0.3)
    looks = len(done)
    await tell(BOARD)
    await asyncio.sleep(0.5)

    assert (follower.told, done) == ([], [[]] * looks)


async def test_a_sweep_that_fails_is_tried_again(no_pokes: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub, "SWEEP", 0.05)
    follower = follow(BOARD)
    await tell(BOARD)
    await follower.hears(1)
    look, failures = hub.heads, iter(range(3))

    def fail_at_first(streams: list[str]) -> dict[str, int]:
        if next(failures, None) is not None:
            raise OperationalError("the connection is gone")
        return look(streams)

    monkeypatch.setattr(hub, "heads", fail_at_first)
    await tell(BOARD)
    await follower.hears(2)

    assert seqs(follower) == [1, 2]


async def test_a_poke_of_something_else_hides_nothing(no_sweep: None):
    """Another installation on the same Redis, or a restored backup: a number that this log does not know yet."""
    follower = follow(BOARD)
    await tell(BOARD)
    await follower.hears(1)
    await apart(lambda: pokes.poke([(board_stream(BOARD), 10**9)]))
    # Time to come, and to find nothing.
    await asyncio.sleep(0.3)
    await tell(BOARD, 2)
    await follower.hears(3)

    assert seqs(follower) == [1, 2, 3]


@pytest.mark.parametrize("kept", [2, 0])
async def test_where_events_are_gone_it_says_so_and_goes_on(no_sweep: None, kept: int):
    await tell(BOARD, 5)
    await apart(RecordedEvent.objects.filter(seq__lte=5 - kept).delete)
    follower = follow(BOARD, after=1)
    await follower.hears(1)
    await tell(BOARD, 2)
    await follower.hears(3)

    assert follower.told == [[5, Missed.kind], [6, "TaskMoved"], [7, "TaskMoved"]]


async def test_whoever_has_seen_all_that_is_gone_has_missed_nothing(no_sweep: None):
    await tell(BOARD, 5)
    await apart(RecordedEvent.objects.filter(seq__lte=3).delete)
    follower = follow(BOARD, after=3)
    await follower.hears(2)

    assert seqs(follower) == [4, 5]


@pytest.mark.parametrize(("missed", "told"), [(5, [2, 3, 4, 5, 6]), (6, [7])])
async def test_whoever_has_missed_too_much_is_told_to_load_anew(
    no_sweep: None, monkeypatch: pytest.MonkeyPatch, missed: int, told: list[int]
):
    monkeypatch.setattr(watch, "MOST_BEHIND", 5)
    await tell(BOARD, 1 + missed)
    follower = follow(BOARD, after=1)
    await follower.hears(len(told))
    await tell(BOARD)
    await follower.hears(len(told) + 1)

    assert seqs(follower) == [*told, missed + 2]
    assert (follower.told[0][1] == Missed.kind) is (missed > 5)


async def test_a_number_from_the_future_is_taken_back(no_sweep: None):
    await tell(BOARD, 2)
    follower = follow(BOARD, after=9)
    await follower.hears(1)
    await tell(BOARD)
    await follower.hears(2)

    assert follower.told == [[2, Missed.kind], [3, "TaskMoved"]]
