"""Redis only pokes: without it events come late, and nothing else is different."""

import asyncio
import time

import pytest
from channels.testing import WebsocketCommunicator

from backend.accounts.models import User
from backend.boards.events import board_stream
from backend.boards.models import Claim
from realtime import hub
from realtime.pokes import PATIENCE
from schema import cursors
from tests.asking import ask, id_of, operations, token_of
from tests.cast import Cast
from tests.realtime.following import apart, follow, seqs, tell, until
from tests.realtime.own_redis import OwnRedis
from tests.sockets import PROTOCOL

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = 2**40 + 7


async def test_whoever_comes_while_it_is_away_is_told_all_the_same(own_redis: OwnRedis, monkeypatch):
    follower = follow(BOARD)
    await tell(BOARD, 2)
    await follower.hears(2)
    own_redis.start()
    await until(lambda: own_redis.listeners() == 1)
    await only_pokes(monkeypatch)
    await tell(BOARD, 2)
    await follower.hears(4)

    assert seqs(follower) == [1, 2, 3, 4]


async def test_whoever_follows_when_it_goes_misses_nothing(own_redis: OwnRedis, monkeypatch):
    own_redis.start()
    followers = [follow(BOARD), follow(BOARD + 1)]
    await asyncio.gather(tell(BOARD), tell(BOARD + 1))
    for follower in followers:
        await follower.hears(1)
    own_redis.stop()
    await asyncio.gather(tell(BOARD), tell(BOARD + 1))
    late = follow(BOARD + 2)
    await tell(BOARD + 2)
    for follower, count in ((followers[0], 2), (followers[1], 2), (late, 1)):
        await follower.hears(count)
    own_redis.start()
    await until(lambda: own_redis.listeners() == 3, 10)
    await only_pokes(monkeypatch)
    await asyncio.gather(tell(BOARD), tell(BOARD + 1), tell(BOARD + 2))
    for follower, count in ((followers[0], 3), (followers[1], 3), (late, 2)):
        await follower.hears(count)


@pytest.mark.parametrize("when", ["from the beginning", "while it is listened to"])
async def test_one_that_takes_connections_and_answers_none_keeps_nobody_waiting(
    own_redis: OwnRedis, monkeypatch, when: str
):
    own_redis.start()
    followers = []
    if when == "while it is listened to":
        followers.append(follow(BOARD))
        await tell(BOARD)
        await followers[0].hears(1)
    own_redis.stall()
    followers += [follow(BOARD + number) for number in range(len(followers), 6)]
    begin = time.monotonic()
    await asyncio.gather(*(tell(BOARD + number) for number in range(6)))
    for number, follower in enumerate(followers):
        await follower.hears(2 if number == 0 and when == "while it is listened to" else 1)
    assert time.monotonic() - begin < 2 * PATIENCE + 1
    await followers.pop().stop()

    own_redis.go_on()
    await until(lambda: own_redis.listeners() == 5, 10)
    await only_pokes(monkeypatch)
    before = [len(follower.told) for follower in followers]
    await asyncio.gather(*(tell(BOARD + number) for number in range(5)))
    for follower, count in zip(followers, before, strict=True):
        await follower.hears(count + 1)


@pytest.mark.parametrize("how", ["gone", "stalled"])
def test_a_claim_stands_and_nobody_is_told_of_an_error(own_redis: OwnRedis, racing_cast: Cast, how: str):
    if how == "stalled":
        own_redis.start()
        own_redis.stall()
    begin = time.monotonic()
    answer = ask("ClaimTask", racing_cast.cy, input={"taskId": id_of(racing_cast.task)})

    assert "errors" not in answer and answer["data"]["claimTask"]["errors"] == []
    assert Claim.objects.held().get(task=racing_cast.task).claimant == racing_cast.cy
    assert time.monotonic() - begin < PATIENCE + 1


async def test_a_socket_opens_and_tells(own_redis: OwnRedis, racing_cast: Cast):
    from config.asgi import application

    token = await apart(lambda: token_of(User.objects.get(handle="cy")))
    socket = WebsocketCommunicator(application, "/graphql", subprotocols=[PROTOCOL])
    assert (await socket.connect(timeout=10))[0]
    await socket.send_json_to({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
    assert await socket.receive_json_from(timeout=10) == {"type": "connection_ack"}
    stream = board_stream(racing_cast.board.pk)
    variables = {"boardId": id_of(racing_cast.board), "after": cursors.encode(stream, 0)}
    asked = {"query": operations()["BoardLive"], "variables": variables}
    await socket.send_json_to({"type": "subscribe", "id": "1", "payload": asked})
    await until(lambda: stream in hub.hub_of_process()._watched)
    await tell(racing_cast.board.pk)

    told = await socket.receive_json_from(timeout=10)
    assert told["payload"]["data"]["boardEvents"]["__typename"] == "TaskMoved"
    await socket.disconnect()


async def only_pokes(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing but pokes wakes anybody."""
    monkeypatch.setattr(hub, "SWEEP", 600.0)
    # The sweep that sleeps already looks once more.
    await asyncio.sleep(0.5)
