"""A right that is lost at the very moment at which somebody asks for it."""

import asyncio
import threading
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import Session, User, hash_of
from backend.boards.events import board_stream
from backend.core.events import RIGHTS
from backend.projects.models import Membership, Project, ProjectStatus, Role
from realtime import event_streams, hub, log, rights, sockets
from realtime.database import ADMITTING
from schema import cursors
from schema.context import Asker
from schema.tellings import Telling, Told
from tests.asking import id_of, token_of
from tests.cast import Cast
from tests.realtime.following import apart, tell, until
from tests.realtime.wires import Wire

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for the look at who has lost a right."""
    monkeypatch.setattr(hub, "GUARD", 0.1)


async def token(person: User) -> str:
    """A token of somebody's."""
    found: str = await apart(lambda: token_of(person))
    return found


def hide(project: Project) -> None:
    """Make it a draft, which its team and the staff see."""
    Project.objects.filter(pk=project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)


def end_session(token: str) -> None:
    """Log out."""
    Session.objects.filter(token_hash=hash_of(token)).update(ended_at=timezone.now())


async def test_a_session_that_ends_as_the_first_of_a_process_greets(
    racing_cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    """Before anybody has followed anything nobody had looked where the stream of rights was."""
    given, find = await token(racing_cast.cy), sockets.session_of

    def find_and_end(authorization: str) -> Asker | None:
        asker = find(authorization)
        end_session(given)
        return asker

    monkeypatch.setattr(sockets, "session_of", find_and_end)
    async with Wire() as wire:
        await wire.greet(given)
        wire.subscribe("1", "NotificationsLive")
        assert await wire.ending(2) == (4403, "Forbidden")


async def test_whoever_is_staff_no_more_while_everybodys_rights_are_asked_anew(
    racing_cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    """What is asked for meanwhile was asked for by somebody who was staff."""
    await apart(lambda: hide(racing_cast.project))
    given, board = await token(racing_cast.sol), id_of(racing_cast.board)
    answers, loop = rights._answers, asyncio.get_running_loop()
    asking, go_on = asyncio.Event(), threading.Event()

    def answer_and_wait(*asked: Any) -> Any:
        found = answers(*asked)
        loop.call_soon_threadsafe(asking.set)
        assert go_on.wait(5)
        return found

    async with Wire() as wire:
        await wire.greet(given)
        wire.subscribe("first", "BoardLive", boardId=board)
        await wire.is_read()
        monkeypatch.setattr(rights, "_answers", answer_and_wait)
        await apart(lambda: User.objects.filter(handle="sol").update(is_staff=False))
        await asyncio.wait_for(asking.wait(), 5)
        wire.subscribe("meanwhile", "BoardLive", boardId=board)
        await until(lambda: len([*hub.hub_of_process().subscriptions]) == 2)
        go_on.set()

        assert await wire.refusal("first") == "NOT_FOUND"
        await wire.is_read()
        await tell(racing_cast.board.pk)
        assert await wire.refusal("meanwhile") == "NOT_FOUND"
        await wire.is_read()
        assert [each["type"] for each in wire.came if "id" in each] == ["error", "error"]


@pytest.mark.parametrize("what", ["nothing", "the board", "the session"])
async def test_a_right_that_is_lost_while_one_is_told_what_is_missed(
    racing_cast: Cast, monkeypatch: pytest.MonkeyPatch, what: str
):
    await apart(lambda: hide(racing_cast.project))
    given, stream = await token(racing_cast.bo), board_stream(racing_cast.board.pk)
    say, loop, at = Telling.of, asyncio.get_running_loop(), hub.hub_of_process()

    def lose() -> None:
        team = Membership.objects.filter(user=racing_cast.bo)
        match what:
            case "nothing":
                team.update(role=Role.COORDINATOR)
            case "the board":
                team.delete()
            case _:
                end_session(given)

    def say_and_lose(self: Telling, *asked: Any) -> dict[Asker | None, Told]:
        said = say(self, *asked)
        monkeypatch.setattr(Telling, "of", say)
        lose()
        settled = at.settle_rights(log.head(RIGHTS))
        asyncio.run_coroutine_threadsafe(settled, loop).result(5)
        return said

    async with Wire() as wire:
        await wire.greet(given)
        monkeypatch.setattr(Telling, "of", say_and_lose)
        # A cursor from the future, as after a restored backup.
        wire.subscribe("1", "BoardLive", boardId=id_of(racing_cast.board), after=cursors.encode(stream, 99))
        if what == "the session":
            assert await wire.ending() == (4403, "Forbidden")
        else:
            await wire.is_read()
        mine = [each for each in wire.came if each.get("id") == "1"]
        assert [each["type"] for each in mine] == ["next" if what == "nothing" else "error"]
        present = [{racing_cast.bo.pk: 1}] if what == "nothing" else []
        assert [*at._presence._here.values()] == present
    assert at._presence._here == at._watched == {}


async def test_doors_ask_in_the_thread_in_which_rights_are_asked_anew():
    """All of the above rests on it: what was asked first there is answered first."""
    assert sockets.ADMITTING is event_streams.ADMITTING is hub.ADMITTING is rights.ADMITTING is ADMITTING
