"""Who looks at a board now: across processes, soon, and also when a process dies."""

import asyncio
import time

import pytest

from backend.accounts.models import Session, User
from realtime import presence
from realtime.hub import hub_of_process
from schema.subscriptions import presence_stream
from tests.asking import ask, id_of, statements, token_of
from tests.cast import Cast
from tests.clients import ask as ask_over_http
from tests.clients import make_board, people, sign_up
from tests.realtime.following import Following, apart, subscribe, tell, until
from tests.realtime.own_redis import OwnRedis
from tests.serving import House, Server, eventually
from tests.sockets import Socket

in_this_process = pytest.mark.django_db(transaction=True)


def session_of(person: User) -> Session:
    """A session in which somebody is logged in."""
    return Session.objects.of_token(token_of(person)).select_related("user").get()


def handles(answer: dict) -> list[str]:
    """Who was present, as one answer of the subscription tells it."""
    return [person["handle"] for person in answer["data"]["boardPresence"]["present"]]


async def comes(follower: Following, *expected: str, seconds: float = 5) -> None:
    """Wait until a follower has been told that these are present."""
    await until(lambda: follower.told and handles(follower.told[-1]) == [*expected], seconds)
    assert handles(follower.told[-1]) == [*expected]


@in_this_process
async def test_whoever_looks_is_told_who_else_does(racing_cast: Cast):
    board = id_of(racing_cast.board)
    anas, bos = [await apart(lambda who=who: session_of(who)) for who in (racing_cast.ana, racing_cast.bo)]
    ana = subscribe(anas, "BoardPresence", boardId=board)
    await comes(ana, "ana")
    # Whoever follows what happens looks, too; from two windows no more than from one.
    bo, again = (subscribe(bos, "BoardLive", boardId=board) for _ in range(2))
    await comes(ana, "ana", "bo")
    await bo.stop()
    await asyncio.sleep(0.3)
    await again.stop()
    await comes(ana, "ana")

    assert [handles(answer) for answer in ana.told] == [["ana"], ["ana", "bo"], ["ana"]]
    await ana.stop()
    assert hub_of_process()._presence._here == {}
    await until(lambda: presence.present(name(racing_cast)) == [])
    assert presence.present(name(racing_cast)) == []


@in_this_process
async def test_nobody_is_seen_who_has_not_said_who_they_are(racing_cast: Cast):
    board = id_of(racing_cast.board)
    watcher = subscribe(None, "BoardPresence", boardId=board)
    await comes(watcher)
    cy = subscribe(await apart(lambda: session_of(racing_cast.cy)), "BoardLive", boardId=board)
    await comes(watcher, "cy")
    await cy.stop()
    await comes(watcher)
    await watcher.stop()


@in_this_process
async def test_who_may_not_see_the_board_is_not_told_who_looks_at_it(racing_cast: Cast):
    refused = subscribe(None, "BoardPresence", boardId="Qm9hcmQ6OTk5OTk5")
    (answer,) = await refused.ends()
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"

    cys = await apart(lambda: session_of(racing_cast.cy))
    cy = subscribe(cys, "BoardPresence", boardId=id_of(racing_cast.board))
    await comes(cy, "cy")
    await apart(lambda: type(racing_cast.project).objects.update(status="DRAFT", launched_at=None))
    assert (await cy.ends(seconds=2))[-1]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    await cy.stop()


@in_this_process
async def test_it_is_nothing_that_happens(racing_cast: Cast):
    """Neither in the log nor among the events of those who follow it."""
    cys = await apart(lambda: session_of(racing_cast.cy))
    events, looks = (
        subscribe(cys, operation, boardId=id_of(racing_cast.board))
        for operation in ("BoardLive", "BoardPresence")
    )
    await comes(looks, "cy")
    await tell(racing_cast.board.pk)
    (told,) = await events.hears(1)
    assert told["data"]["boardEvents"]["__typename"] == "TaskMoved"
    assert len(looks.told) == 1
    await looks.stop()
    await events.stop()


@in_this_process
async def test_a_page_shows_who_looks_by_one_statement_more(racing_cast: Cast):
    board = racing_cast.board

    def page() -> tuple[list[str], int]:
        with statements() as run:
            answer = ask("BoardPage", racing_cast.ana, id=id_of(board), first=5)
        return [person["handle"] for person in answer["data"]["board"]["present"]], len(run)

    # The first opens what a thread opens once.
    await apart(page)
    nobody, quiet = await apart(page)
    cy = subscribe(await apart(lambda: session_of(racing_cast.cy)), "BoardPresence", boardId=id_of(board))
    await comes(cy, "cy")
    somebody, busy = await apart(page)
    assert (nobody, somebody, busy) == ([], ["cy"], quiet + 1)
    await cy.stop()


@in_this_process
async def test_while_redis_is_away_nobody_is_known_and_nothing_else_is_different(
    own_redis: OwnRedis, racing_cast: Cast, settings, monkeypatch: pytest.MonkeyPatch
):
    settings.REDIS_URL = own_redis.url
    monkeypatch.setattr(presence, "PAUSE", 0.1)
    board = id_of(racing_cast.board)
    cys = await apart(lambda: session_of(racing_cast.cy))
    looks, events = (subscribe(cys, operation, boardId=board) for operation in ("BoardPresence", "BoardLive"))
    await until(lambda: events.subscription and events.subscription.is_live)
    await tell(racing_cast.board.pk)
    await events.hears(1)
    page = await apart(lambda: ask("BoardPage", None, id=board, first=5))
    assert page["data"]["board"]["present"] == [] and looks.told == []

    own_redis.start()
    await comes(looks, "cy")
    await looks.stop()
    await events.stop()


def test_it_is_known_across_processes_and_right_within_ten_seconds_of_a_death(house: House):
    here, (ana, bo) = house.servers[0], people(2)
    board = make_board(here, sign_up(here, "owner"))
    with Socket(here, ana) as socket, house.one_more_server() as doomed:
        looks = socket.subscribe("BoardPresence", boardId=board)
        shows(socket, looks, ana.handle)
        with Socket(doomed, bo) as other:
            other.subscribe("BoardLive", boardId=board)
            shows(socket, looks, ana.handle, bo.handle)
            assert on_page(here, board) == sorted([ana.handle, bo.handle])
            doomed.kill()
            shows(socket, looks, ana.handle, seconds=10)
        assert on_page(here, board) == [ana.handle]
    eventually(lambda: on_page(here, board) == [], 10)


def shows(socket: Socket, id: str, *expected: str, seconds: float = 5) -> None:
    """Wait until a subscription has said that these are present."""
    deadline, said = time.monotonic() + seconds, None
    while said != sorted(expected):
        (told,) = socket.events(id, 1, deadline - time.monotonic())
        said = [person["handle"] for person in told["present"]]


def on_page(server: Server, board: str) -> list[str]:
    """Who is present, as the board's page says to anybody."""
    answer = ask_over_http(server, "BoardPage", None, id=board, first=5).json()
    return [person["handle"] for person in answer["data"]["board"]["present"]]


def name(cast: Cast) -> str:
    """What the presence at the cast's board is called."""
    return presence_stream(type(cast.board), cast.board.pk)
