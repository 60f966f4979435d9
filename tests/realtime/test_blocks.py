"""A block while both look at the same board: from its commit on neither stream names the other."""

import pytest

from backend.accounts.blocks import Block
from backend.accounts.models import Session, User
from backend.boards.claims import claim_task, release_claim
from backend.boards.events import board_stream
from realtime import presence_watch
from schema import cursors
from schema.tellings import Telling
from social.follows.blocks import block_person, unblock_person
from tests import cast as people
from tests.asking import id_of, token_of
from tests.cast import Cast
from tests.realtime.following import Following, apart, subscribe, tell, until


def session_of(person: User) -> Session:
    """A session in which somebody is logged in."""
    return Session.objects.of_token(token_of(person)).select_related("user").get()


@pytest.fixture
def sessions(racing_cast: Cast) -> dict[str, Session]:
    """Everybody's; and the board's task has places for all."""
    people.task(racing_cast.board, "Dig", slots=5)
    return {person.handle: session_of(person) for person in User.objects.all()}


def look_at(cast: Cast, session: Session) -> Following:
    """Follow the board, from its first event on."""
    first = cursors.encode(board_stream(cast.board.pk), 0)
    return subscribe(session, "BoardLive", boardId=id_of(cast.board), after=first)


def actors(follower: Following) -> list[str | None]:
    """Who did what was told."""
    events = [each["data"]["boardEvents"] for each in follower.told]
    return [each["actor"] and each["actor"]["handle"] for each in events]


def claimants(follower: Following) -> list[str | None]:
    """Who holds the task, as the last event says."""
    claims = follower.told[-1]["data"]["boardEvents"]["task"]["claims"]
    return [each["claimant"] and each["claimant"]["handle"] for each in claims]


def claim(cast: Cast, by: User):
    """Take a place on the task with places for all."""
    return claim_task(task_id=cast.board.tasks.get(title="Dig").pk, by=by)


@pytest.mark.parametrize("blocker", ["bo", "cy"])
async def test_what_commits_after_a_block_names_neither_to_the_other(
    racing_cast: Cast, sessions, blocker: str
):
    bo, cy = racing_cast.bo, racing_cast.cy
    followers = {each: look_at(racing_cast, sessions[each]) for each in ("ana", "bo", "cy")}
    await apart(lambda: claim(racing_cast, bo))
    for each in followers.values():
        await each.hears(1)

    def part_and_act() -> None:
        by, whom = (bo, cy) if blocker == "bo" else (cy, bo)
        block_person(user_id=whom.pk, by=by)
        # At once: nobody has looked yet who has lost what.
        claim(racing_cast, cy)

    await apart(part_and_act)
    for each in followers.values():
        await each.hears(2)
    assert [actors(each) for each in followers.values()] == [["bo", "cy"], ["bo", None], ["bo", "cy"]]
    assert [claimants(each) for each in followers.values()] == [["bo", "cy"], ["bo", None], [None, "cy"]]

    held = await apart(bo.claims.get)
    await apart(lambda: release_claim(claim_id=held.pk, by=bo))
    for each in followers.values():
        await each.hears(3)
    assert [actors(each)[-1] for each in followers.values()] == ["bo", "bo", None]

    await apart(lambda: Block.objects.all().delete())
    await apart(lambda: claim(racing_cast, bo))
    for each in followers.values():
        await each.hears(4)
        assert actors(each)[-1] == "bo"
        await each.stop()


async def test_a_block_is_known_to_a_quiet_stream_within_two_seconds(racing_cast: Cast, sessions):
    bos, cys, anas = (look_at(racing_cast, sessions[each]) for each in ("bo", "cy", "ana"))

    def know(follower: Following) -> bool:
        return follower.subscription.asker.standing.has_blocks

    await tell(racing_cast.board.pk)
    for each in (bos, cys, anas):
        await each.hears(1)
    await apart(lambda: block_person(user_id=racing_cast.cy.pk, by=racing_cast.bo))
    await until(lambda: know(bos) and know(cys), 2)
    assert (know(bos), know(cys), know(anas)) == (True, True, False)
    await apart(lambda: unblock_person(user_id=racing_cast.cy.pk, by=racing_cast.bo))
    await until(lambda: not know(bos) and not know(cys), 2)
    assert not know(bos) and not know(cys)
    # Nothing more was told, and nothing ended.
    for each in (bos, cys, anas):
        assert actors(each) == [None]
        await each.stop()


async def test_a_block_while_an_event_is_made(racing_cast: Cast, sessions, monkeypatch: pytest.MonkeyPatch):
    """What was made for who had none is told to nobody who has one now: it is made again for them."""
    say = Telling.of

    def say_and_part(self: Telling, *asked):
        said = say(self, *asked)
        monkeypatch.setattr(Telling, "of", say)
        block_person(user_id=racing_cast.bo.pk, by=racing_cast.cy)
        return said

    cys, anas = (look_at(racing_cast, sessions[each]) for each in ("cy", "ana"))
    await tell(racing_cast.board.pk)
    for each in (cys, anas):
        await each.hears(1)
    monkeypatch.setattr(Telling, "of", say_and_part)
    await apart(lambda: claim(racing_cast, racing_cast.bo))
    for each in (cys, anas):
        await each.hears(2)
    assert (actors(cys), actors(anas)) == ([None, None], [None, "bo"])
    for each in (cys, anas):
        await each.stop()


async def test_who_is_present_is_told_without_who_is_hidden(
    racing_cast: Cast, sessions, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(presence_watch, "PACE", 0.05)
    await apart(lambda: block_person(user_id=racing_cast.bo.pk, by=racing_cast.cy))
    now = await apart(
        lambda: {each: session_of(User.objects.get(handle=each)) for each in ("ana", "bo", "cy")}
    )
    board = id_of(racing_cast.board)
    followers = [subscribe(now[each], "BoardPresence", boardId=board) for each in ("ana", "bo", "cy")]

    def there(follower: Following) -> list[str]:
        told = follower.told and follower.told[-1]["data"]["boardPresence"]["present"]
        return [person["handle"] for person in told]

    await until(
        lambda: [there(each) for each in followers] == [["ana", "bo", "cy"], ["ana", "bo"], ["ana", "cy"]]
    )
    assert [there(each) for each in followers] == [["ana", "bo", "cy"], ["ana", "bo"], ["ana", "cy"]]
    for each in followers:
        await each.stop()
