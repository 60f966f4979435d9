"""A snapshot and its cursor: what was read, and what is told from there on, is together what there is."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest
from channels.layers import get_channel_layer

from backend.accounts.models import Session, User
from backend.boards.actions import create_task
from backend.boards.claims import claim_task, release_claim, review_work, submit_work
from backend.boards.events import board_stream
from backend.boards.models import Board, Claim, Task, WorkVerdict
from backend.core.events import heads
from backend.core.models import RecordedEvent
from backend.core.refusals import Refusal
from realtime import pokes
from schema import cursors
from schema.context import Context
from schema.operations import prepare, run
from schema.preparing import encode
from tests import cast as people
from tests.asking import id_of, operations, token_of
from tests.cast import Cast
from tests.realtime.following import apart, follow, seqs, subscribe, until
from tests.realtime.own_redis import OwnRedis

ROUNDS = 20
# Seeded for each test by pytest-randomly, which prints the seed: a failure can be played again, but for its threads.
choice, uniform = random.choice, random.uniform
#: People who write at the same time, and how often each of them does in one round.
WRITERS, TURNS = 8, 2


async def test_a_snapshot_and_what_follows_is_the_board_as_it_is(racing_cast: Cast):
    board, stream = racing_cast.board, board_stream(racing_cast.board.pk)
    writers = await apart(lambda: make_writers(racing_cast))
    logged_in = await apart(
        lambda: Session.objects.of_token(token_of(writers[0])).select_related("user").get()
    )
    in_the_middle = 0

    for turn in range(ROUNDS):
        reader = logged_in if turn % 2 else None
        begin = (await apart(lambda: heads([stream]))).get(stream, 0)
        writing = [asyncio.create_task(apart(lambda who=who: write(racing_cast, who))) for who in writers]
        # Sometimes before the first of them has written, mostly in the middle.
        await asyncio.sleep(uniform(0, 0.1))
        snapshot = await read(reader, id_of(board))
        follower = subscribe(reader, "BoardLive", boardId=id_of(board), after=snapshot["cursor"])
        await asyncio.gather(*writing)
        end = (await apart(lambda: heads([stream])))[stream]
        (first,) = cursors.decode(snapshot["cursor"], stream)
        await follower.hears(end - first, seconds=20)
        await follower.stop()

        told = [event["data"]["boardEvents"] for event in follower.told]
        assert [cursors.decode(event["cursor"], stream) for event in told] == [
            [number] for number in range(first + 1, end + 1)
        ], f"round {turn}"
        tasks = tasks_of(snapshot)
        for event in told:
            tasks[event["task"]["id"]] = event["task"]
        assert tasks == tasks_of(await read(reader, id_of(board))), f"round {turn}"
        in_the_middle += begin < first < end

    kinds = await apart(lambda: set(RecordedEvent.objects.values_list("kind", flat=True)))
    assert kinds == {"TaskCreated", "TaskClaimed", "ClaimReleased", "WorkSubmitted", "WorkReviewed"}
    assert in_the_middle >= 3, "the snapshots were hardly ever taken while somebody wrote"


async def test_whoever_believes_the_pokes_misses_what_the_log_tells(
    racing_cast: Cast, own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
):
    """The control: a third of the pokes is lost, and a subscriber without the log has gaps and cannot know it."""
    # One that nobody else pokes.
    own_redis.start()
    poke, number = pokes.poke, count()
    monkeypatch.setattr(pokes, "poke", lambda marks: poke(marks) if next(number) % 3 else None)
    stream = board_stream(racing_cast.board.pk)
    writers = await apart(lambda: make_writers(racing_cast))
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(pokes.group_of(stream), channel)
    believed: list[int] = []

    async def believe() -> None:
        while True:
            believed.append((await layer.receive(channel))["seq"])

    believing = asyncio.create_task(believe())
    follower = follow(racing_cast.board.pk)
    await asyncio.gather(*(apart(lambda who=who: write(racing_cast, who)) for who in writers))
    end = (await apart(lambda: heads([stream])))[stream]
    await follower.hears(end)
    await until(lambda: len(believed) >= end, 0.5)
    believing.cancel()

    assert seqs(follower) == list(range(1, end + 1))
    assert set(believed) < set(seqs(follower)) and len(believed) >= end // 3


def make_writers(cast: Cast) -> list[User]:
    """Those who write, and some work for them."""
    # The cast's own task was put there by hand.
    Board.objects.filter(pk=cast.board.pk).update(last_task_number=1)
    for _ in range(4):
        create(cast, cast.ana)
    return [people.person(f"writer{number}") for number in range(WRITERS)]


def write(cast: Cast, who: User) -> None:
    """A few things that somebody does on the board; a refusal is as good as any."""
    for _ in range(TURNS):
        act: Callable[[Cast, User], None] = choice((create, claim, claim, release, submit, review))
        with suppress(Refusal):
            act(cast, who)


def create(cast: Cast, who: User) -> None:
    create_task(board_id=cast.board.pk, by=cast.ana, title=f"From {who.handle}", slots=2)


def claim(cast: Cast, who: User) -> None:
    task = Task.objects.filter(board=cast.board, open_slots__gt=0).order_by("?").first()
    if task:
        claim_task(task_id=task.pk, by=who)


def release(cast: Cast, who: User) -> None:
    own = Claim.objects.held().filter(claimant=who).first()
    if own:
        release_claim(claim_id=own.pk, by=who)


def submit(cast: Cast, who: User) -> None:
    own = Claim.objects.filter(claimant=who, state="CLAIMED").first()
    if own:
        submit_work(claim_id=own.pk, by=who, note="Done.")


def review(cast: Cast, who: User) -> None:
    waiting = Claim.objects.filter(state="SUBMITTED").order_by("?").first()
    if waiting:
        review_work(claim_id=waiting.pk, by=cast.ana, verdict=choice(WorkVerdict.values))


async def read(session: Session | None, board: str) -> dict:
    """The board as its page shows it."""
    prepared = prepare(operations()["BoardPage"], {"id": board, "first": 100}, None)
    answer = json.loads(encode(await apart(lambda: run(prepared, Context(session=session)))))
    assert "errors" not in answer, answer
    return answer["data"]["board"]


def tasks_of(snapshot: dict) -> dict[str, dict]:
    """Its tasks, by their ids."""
    assert not snapshot["tasks"]["pageInfo"]["hasNextPage"]
    return {edge["node"]["id"]: edge["node"] for edge in snapshot["tasks"]["edges"]}
