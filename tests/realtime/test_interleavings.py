"""Subscriptions on one socket are independent: whatever begins and ends beside one, it hears its own stream, whole."""

import asyncio
import random
from collections.abc import Iterable, Iterator

import pytest

from backend.boards.events import board_stream
from backend.boards.models import Board
from realtime import hub, log, pokes
from realtime.database import DatabaseThreads
from realtime.subscription import Subscription
from schema import cursors
from tests.asking import id_of
from tests.cast import Cast
from tests.realtime.following import record_now
from tests.realtime.wires import Wire

ROUNDS, STEPS, AT_ONCE = 500, 14, 5
#: Seconds in which whoever runs must have been told.
PATIENCE = 3.0

DOCUMENT = """
    subscription ($boardId: ID!, $after: String) { boardEvents(boardId: $boardId, after: $after) { cursor } }
"""


@pytest.fixture
def writing() -> Iterator[DatabaseThreads]:
    """Where the events of a test are committed."""
    thread = DatabaseThreads("writing", 1)
    yield thread
    thread.close()


@pytest.fixture
def boards(racing_cast: Cast) -> list[Board]:
    """Two that anybody may see."""
    return [racing_cast.board, Board.objects.create(project=racing_cast.project, title="Autumn")]


@pytest.fixture
async def near_pokes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poke goes straight to the hub, because Redis would take most of the time; and little is read at once."""
    loop, at = asyncio.get_running_loop(), hub.hub_of_process()

    def poke(marks: Iterable[tuple[str, int]]) -> None:
        for mark in marks:
            loop.call_soon_threadsafe(at._poked, *mark)

    monkeypatch.setattr(pokes, "poke", poke)
    monkeypatch.setattr(hub, "SWEEP", 600.0)
    monkeypatch.setattr(log, "BATCH", 3)


class Heard:
    """One subscription, and the numbers it was told."""

    def __init__(self, id: str, board: Board, head: int, after: int | None) -> None:
        self.id = id
        self.board = board
        #: Where its stream was when it was asked for, and behind what it is to begin; None: from now on.
        self.head, self.after = head, after
        #: How many pongs have come when its `complete` has been read; None while it runs.
        self.over_at: int | None = None

    def check(self, wire: Wire, head: int) -> None:
        """It heard its stream from its beginning to its end, once and in order."""
        numbers = self.numbers(wire)
        behind = self.head if self.after is None else self.after
        first = numbers[0] if self.after is None and numbers else behind + 1
        last = head if self.over_at is None else first + len(numbers) - 1
        assert numbers == [*range(first, last + 1)] and behind < first <= last + 1 <= head + 1, (
            f"{self.id}, which began behind {self.after} at {self.head}, heard {numbers} of {head}"
        )

    def numbers(self, wire: Wire) -> list[int]:
        """What it was told; fails when that is after its end, or anything but an event of its own stream."""
        found, pongs = [], 0
        for message in wire.came:
            pongs += message["type"] == "pong"
            if message.get("id") == self.id:
                assert message["type"] == "next", message
                assert self.over_at is None or pongs < self.over_at, (
                    f"{self.id} was told something after its end"
                )
                cursor = message["payload"]["data"]["boardEvents"]["cursor"]
                found.extend(cursors.decode(cursor, board_stream(self.board.pk)))
        return found


class Round:
    """One socket, on which subscriptions begin, end and go on elsewhere, while events are committed."""

    def __init__(
        self, wire: Wire, heads: dict[Board, int], draw: random.Random, writing: DatabaseThreads
    ) -> None:
        self.wire, self.heads, self.draw, self.writing = wire, heads, draw, writing
        self.all: list[Heard] = []
        self.steps: list[str] = []
        self._pings = 0

    @property
    def running(self) -> list[Heard]:
        return [each for each in self.all if each.over_at is None]

    async def play(self) -> None:
        """So many steps, of which only "wait" waits for what comes of those before it; then the check."""
        for _ in range(STEPS):
            match self.draw.choice(
                ["begin", "begin", "begin", "end", "resume", "resume", "tell", "tell", "wait"]
            ):
                case "begin" if len(self.running) < AT_ONCE:
                    board = self.draw.choice([*self.heads])
                    self.begin(
                        board, self.draw.choice([None, *range(self.heads[board] - 6, self.heads[board] + 1)])
                    )
                case "end" if self.running:
                    self.end(self.draw.choice(self.running))
                case "resume" if self.running:
                    # As a client would that has lost it: behind what it has been told so far.
                    lost = self.draw.choice(self.running)
                    self.end(lost)
                    self.begin(lost.board, (lost.numbers(self.wire) or [lost.after])[-1])
                case "tell":
                    await self.tell(self.draw.choice([*self.heads]), self.draw.randint(1, 4))
                case "wait":
                    await self.all_are_told()
        await self.all_are_told()
        for each in self.all:
            each.check(self.wire, self.heads[each.board])

    def begin(self, board: Board, after: int | None) -> None:
        """Subscribe to a board."""
        heard = Heard(str(len(self.all)), board, self.heads[board], after)
        self.all.append(heard)
        self.steps.append(f"{heard.id} begins on {board.title} behind {after}")
        cursor = None if after is None else cursors.encode(board_stream(board.pk), after)
        payload = {"query": DOCUMENT, "variables": {"boardId": id_of(board), "after": cursor}}
        self.wire.say(type="subscribe", id=heard.id, payload=payload)

    def end(self, heard: Heard) -> None:
        """Complete a subscription; the pong says when that has been obeyed."""
        self.steps.append(f"{heard.id} ends")
        self.wire.say(type="complete", id=heard.id)
        heard.over_at = self.ping()

    def ping(self) -> int:
        """Which of the pongs will say that all was read that has been said until now."""
        self.wire.say(type="ping")
        self._pings += 1
        return self._pings

    async def tell(self, board: Board, count: int) -> None:
        """Commit some events."""
        self.steps.append(f"{count} on {board.title}")
        await self.writing.run(lambda: record_now(board.pk, count))
        self.heads[board] += count

    async def all_are_told(self) -> None:
        """Wait until all that run have heard all; they have when they hear one event more."""
        pong = self.ping()
        await self.wire.until(lambda: self.wire.came.count({"type": "pong"}) >= pong)
        await self.writing.run(lambda: [record_now(board.pk) for board in self.heads])
        for board in self.heads:
            self.heads[board] += 1
        ends = {each: self.heads[each.board] for each in self.running}
        await self.wire.until(
            lambda: all(each.numbers(self.wire)[-1:] == [end] for each, end in ends.items()), PATIENCE
        )


async def play(rounds: int, boards: list[Board], writing: DatabaseThreads) -> None:
    """Play so many, each on a socket of its own; a failure says how it can be played again."""
    heads = dict.fromkeys(boards, 0)
    for board in boards:
        await writing.run(lambda board=board: record_now(board.pk, 6))  # type: ignore[misc]
        heads[board] += 6
    for _ in range(rounds):
        seed = random.randrange(2**32)  # noqa: S311
        # Two, because how often something is sent is not drawn.
        draw, slowness = random.Random(seed), random.Random(seed)  # noqa: S311

        async def turn(draw: random.Random = slowness) -> None:
            # Now and then the client is slow to take what it is told.
            if draw.random() < 0.2:
                await asyncio.sleep(0)

        async with Wire(delay=turn) as wire:
            await wire.greet()
            round = Round(wire, heads, draw, writing)
            try:
                await round.play()
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {'; '.join(round.steps)}: {error}") from None
        assert hub.hub_of_process()._watched == {}


async def test_each_hears_its_own_stream_whole_whatever_begins_and_ends_beside_it(
    boards: list[Board], writing: DatabaseThreads, near_pokes: None
):
    await play(ROUNDS, boards, writing)


async def test_a_hub_that_forgets_all_when_one_leaves_is_found_out(
    boards: list[Board], writing: DatabaseThreads, near_pokes: None, monkeypatch: pytest.MonkeyPatch
):
    """The control: so does Channels' own `listen_to_channel`, which leaves the group for all."""
    leave = hub.Hub.leave

    def leave_for_all(self: hub.Hub, subscription: Subscription) -> None:
        watch = self._watched.get(subscription.wanted.stream)
        for each in [*watch.followers] if watch else []:
            leave(self, each)

    monkeypatch.setattr(hub.Hub, "leave", leave_for_all)
    with pytest.raises(AssertionError, match="seed"):
        await play(20, boards, writing)
