"""Followers at their own pace: whoever stops to read holds up nobody, and hears all when it reads on."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.core.models import RecordedEvent, Stream
from realtime import hub, log, watch
from realtime.database import DatabaseThreads
from tests.realtime.following import Following, follow, record_now, seqs, tell, until

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = 2**40 + 7
PLACES = 3


async def test_whoever_does_not_read_holds_up_nobody_and_then_hears_all_in_order():
    slow, quick = follow(BOARD), follow(BOARD)
    await tell(BOARD)
    for follower in (slow, quick):
        await follower.hears(1)
    slow.pause()
    for count in (2, 3, 4):
        await tell(BOARD)
        await quick.hears(count, seconds=1)
    assert seqs(slow) == [1]

    slow.read_on()
    await slow.hears(4)
    await tell(BOARD)
    for follower in (slow, quick):
        await follower.hears(5)
        assert seqs(follower) == [1, 2, 3, 4, 5]


async def test_whoever_reads_one_at_a_time_holds_up_nobody(monkeypatch: pytest.MonkeyPatch):
    """It is clear for one event each time: the others are then told the rest of what was read."""
    monkeypatch.setattr(log, "BATCH", 4)
    slow, quick = follow(BOARD), follow(BOARD)
    await tell(BOARD)
    for follower in (slow, quick):
        await follower.hears(1)
    tell_it = slow.tell

    def tell_and_pause(*told: object) -> None:
        tell_it(*told)  # type: ignore[arg-type]
        slow.pause()

    monkeypatch.setattr(slow, "tell", tell_and_pause)
    await tell(BOARD, 9)
    await quick.hears(10)
    for count in range(2, 11):
        await slow.hears(count)
        slow.read_on()

    await slow.hears(10)
    assert seqs(slow) == seqs(quick) == [*range(1, 11)]


async def test_what_nobody_reads_is_not_read_from_the_log_either(monkeypatch: pytest.MonkeyPatch):
    """A place is a number: whoever does not read costs neither memory nor statements."""
    slow = follow(BOARD)
    await tell(BOARD)
    await slow.hears(1)
    slow.pause()
    read, asked = log.after, []

    def count(stream: str, seq: int) -> list[RecordedEvent]:
        asked.append(seq)
        return read(stream, seq)

    monkeypatch.setattr(log, "after", count)
    await tell(BOARD, 5)
    await asyncio.sleep(0.3)
    assert asked == []
    slow.read_on()
    await slow.hears(6)
    assert seqs(slow) == [1, 2, 3, 4, 5, 6]


async def test_whoever_stops_while_it_does_not_read_leaves_nothing():
    slow, quick = follow(BOARD), follow(BOARD)
    await tell(BOARD)
    for follower in (slow, quick):
        await follower.hears(1)
    slow.pause()
    await tell(BOARD)
    await slow.stop()
    await tell(BOARD)
    await quick.hears(3)
    slow.read_on()
    await quick.stop()

    assert seqs(slow) == [1] and hub.hub_of_process()._watched == {}


@dataclass(frozen=True)
class Step:
    """What happens, and to which of the followers."""

    what: str
    who: int = 0
    count: int = 1


STEPS = st.lists(
    st.one_of(
        st.builds(Step, st.just("tell"), count=st.integers(1, 5)),
        st.builds(
            Step, st.sampled_from(["pause", "read on", "stop", "resume"]), who=st.integers(0, PLACES - 1)
        ),
        st.builds(Step, st.just("turn"), count=st.integers(1, 5)),
        st.just(Step("wait")),
    ),
    min_size=5,
    max_size=25,
)


class Places:
    """Three places, at each of which somebody follows, or has stopped; whoever resumes goes on where it was."""

    def __init__(self, writing: DatabaseThreads) -> None:
        self.writing = writing
        self.head = 0
        self.runs: list[list[Following]] = [[follow(BOARD)] for _ in range(PLACES)]
        self.is_there = [True] * PLACES

    def heard(self, place: int) -> list[int]:
        return [seq for each in self.runs[place] for seq in seqs(each)]

    async def take(self, step: Step) -> None:
        now = self.runs[step.who][-1]
        match step.what:
            case "tell":
                await self.writing.run(lambda: record_now(BOARD, step.count))
                self.head += step.count
            case "turn":
                for _ in range(step.count):
                    await asyncio.sleep(0)
            case "pause" if self.is_there[step.who]:
                now.pause()
            case "read on" if self.is_there[step.who] and now.subscription:
                now.read_on()
            case "stop" if self.is_there[step.who]:
                self.is_there[step.who] = False
                await now.stop()
            case "resume" if not self.is_there[step.who]:
                self.is_there[step.who] = True
                self.runs[step.who].append(follow(BOARD, after=(self.heard(step.who) or [0])[-1]))
            case "wait":
                await self.all_who_read_have_heard()

    async def all_who_read_have_heard(self) -> None:
        """Whoever is there and reads hears everything, whoever else is there."""
        reading = [
            place for place in range(PLACES) if self.is_there[place] and self.runs[place][-1].outlet.is_clear
        ]
        await until(lambda: all(len(self.heard(place)) >= self.head for place in reading), 3)
        for place in reading:
            assert self.heard(place) == [*range(1, self.head + 1)]

    async def end(self) -> None:
        for runs in self.runs:
            await runs[-1].stop()


@pytest.fixture
def writing() -> Iterator[DatabaseThreads]:
    """Where the events of a test are committed."""
    thread = DatabaseThreads("writing", 1)
    yield thread
    thread.close()


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_each_hears_a_run_without_a_gap_whatever_the_others_do(
    writing: DatabaseThreads, monkeypatch: pytest.MonkeyPatch, steps: list[Step]
):
    monkeypatch.setattr(log, "BATCH", 3)
    monkeypatch.setattr(watch, "TURN", 1)
    await writing.run(lambda: (RecordedEvent.objects.all().delete(), Stream.objects.all().delete()))
    places = Places(writing)
    try:
        for step in steps:
            await places.take(step)
            for place in range(PLACES):
                heard = places.heard(place)
                assert heard == [*range(1, len(heard) + 1)]
        await places.all_who_read_have_heard()
    finally:
        await places.end()
