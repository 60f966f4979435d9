"""What a subscription tells, from where on, and to whom: its rights are asked again before each event."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.events import user_stream
from backend.accounts.models import Session, User
from backend.accounts.sessions import log_out
from backend.boards.claims import claim_task, release_claim
from backend.boards.events import board_stream
from backend.core.models import RecordedEvent
from backend.core.readers import read_pending
from backend.projects.models import Membership, Project, ProjectStatus
from realtime.hub import hub_of_process
from schema import cursors
from social.follows.actions import follow as follow_person
from tests.asking import id_of, token_of
from tests.cast import Cast
from tests.realtime.following import Following, apart, subscribe, tell


def session_of(person: User) -> Session:
    """A session in which somebody is logged in."""
    return Session.objects.of_token(token_of(person)).select_related("user").get()


@pytest.fixture
def sessions(racing_cast: Cast) -> dict[str, Session]:
    """Everybody's."""
    return {person.handle: session_of(person) for person in User.objects.all()}


async def test_everyone_is_told_the_same_event_as_they_themselves_see_it(racing_cast: Cast, sessions):
    task = racing_cast.task
    cys, anybodys = look_at(racing_cast, sessions["cy"]), look_at(racing_cast, None)
    claim = await apart(lambda: claim_task(task_id=task.pk, by=racing_cast.cy))
    await cys.hears(1)
    await apart(lambda: release_claim(claim_id=claim.pk, by=racing_cast.cy))
    await cys.hears(2)
    await anybodys.hears(2)

    claimed, released = (event(answer) for answer in cys.told)
    assert (claimed["__typename"], claimed["actor"]["handle"]) == ("TaskClaimed", "cy")
    assert claimed["task"]["viewerClaim"]["id"] == id_of(claim) and claimed["task"]["openSlots"] == 0
    # Read anew for each event, not kept from the one before.
    assert (released["__typename"], released["reason"]) == ("ClaimReleased", "GIVEN_UP")
    assert released["task"]["viewerClaim"] is None and released["task"]["openSlots"] == 1
    for own, public in zip(cys.told, anybodys.told, strict=True):
        assert event(public)["cursor"] == event(own)["cursor"]
        assert event(public)["task"]["viewerClaim"] is None and event(public)["task"]["viewerCan"] == []


async def test_notifications_are_only_ones_own(racing_cast: Cast, sessions):
    anas, bos = (
        subscribe(
            sessions[person.handle], "NotificationsLive", after=cursors.encode(user_stream(person.pk), 0)
        )
        for person in (racing_cast.ana, racing_cast.bo)
    )
    await apart(lambda: follow_person(kind=User, target_id=racing_cast.ana.pk, by=racing_cast.cy))
    await apart(lambda: read_pending("notifications"))
    (answer,) = await anas.hears(1)

    told = answer["data"]["notificationReceived"]
    assert told["unreadNotificationCount"] == 1
    assert told["notification"]["kind"] == "NEW_FOLLOWER"
    assert [actor["handle"] for actor in told["notification"]["actors"]] == ["cy"]
    assert bos.told == []


async def test_whoever_missed_notifications_is_told_so_by_an_empty_one_and_then_what_comes(
    racing_cast: Cast, sessions
):
    ana = racing_cast.ana
    follower = subscribe(sessions["ana"], "NotificationsLive", after=cursors.encode(user_stream(ana.pk), 99))
    (missed,) = await follower.hears(1)
    assert missed == {"data": {"notificationReceived": {"notification": None, "unreadNotificationCount": 0}}}

    await apart(lambda: follow_person(kind=User, target_id=ana.pk, by=racing_cast.cy))
    await apart(lambda: read_pending("notifications"))
    _, told = await follower.hears(2)
    assert told["data"]["notificationReceived"]["unreadNotificationCount"] == 1
    assert told["data"]["notificationReceived"]["notification"]["kind"] == "NEW_FOLLOWER"


async def test_nobody_has_no_notifications(racing_cast: Cast):
    assert refusals(await subscribe(None, "NotificationsLive").ends()) == ["UNAUTHENTICATED"]


async def test_a_board_that_one_may_not_see_looks_as_if_there_were_none(racing_cast: Cast, sessions):
    await apart(lambda: hide(racing_cast.project))
    refused = [
        await subscribe(session, "BoardLive", boardId=board).ends()
        for session in (None, sessions["cy"])
        for board in (id_of(racing_cast.board), "Qm9hcmQ6OTk5OTk5", id_of(racing_cast.task), "garbage", "")
    ]

    assert all(refusals(answers) == ["NOT_FOUND"] for answers in refused)
    assert all(answers == refused[0] for answers in refused)
    bos = look_at(racing_cast, sessions["bo"])
    await tell(racing_cast.board.pk)
    await bos.hears(1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda cast, session: log_out(session=session), "UNAUTHENTICATED"),
        (lambda cast, session: expire(session), "UNAUTHENTICATED"),
        (lambda cast, session: User.objects.filter(pk=cast.cy.pk).update(is_active=False), "UNAUTHENTICATED"),
        (lambda cast, session: hide(cast.project), "NOT_FOUND"),
    ],
    ids=["logged out", "expired", "banned", "the project is a draft again"],
)
async def test_who_loses_the_right_is_told_nothing_more(racing_cast: Cast, sessions, change, code: str):
    cys, bos = look_at(racing_cast, sessions["cy"]), look_at(racing_cast, sessions["bo"])
    await tell(racing_cast.board.pk)
    await cys.hears(1)
    await apart(lambda: change(racing_cast, sessions["cy"]))
    await tell(racing_cast.board.pk, 3)

    first, last = await cys.ends()
    assert first["data"] and last["data"] is None
    assert refusals([last]) == [code]
    # Who has lost nothing goes on.
    await bos.hears(4)
    await bos.stop()
    assert hub_of_process()._watched == {}


async def test_a_lost_role_ends_what_only_the_role_let_one_see(racing_cast: Cast, sessions):
    await apart(lambda: hide(racing_cast.project))
    bos = look_at(racing_cast, sessions["bo"])
    await tell(racing_cast.board.pk)
    await bos.hears(1)
    await apart(Membership.objects.filter(user=racing_cast.bo).delete)
    await tell(racing_cast.board.pk)

    assert refusals((await bos.ends())[1:]) == ["NOT_FOUND"]


@pytest.mark.parametrize("name", ["garbage", "nothing", "another board's", "a person's", "changed", "huge"])
async def test_a_cursor_that_is_not_of_this_stream_is_refused(racing_cast: Cast, name: str):
    own = cursor(racing_cast, 1)
    given = {
        "garbage": "garbage",
        "nothing": "",
        "another board's": cursors.encode(board_stream(racing_cast.board.pk + 1), 1),
        "a person's": cursors.encode(user_stream(racing_cast.ana.pk), 1),
        "changed": own[:-1] + ("A" if own[-1] != "A" else "B"),
        "huge": own * 50,
    }[name]

    answers = await subscribe(None, "BoardLive", boardId=id_of(racing_cast.board), after=given).ends()
    assert refusals(answers) == ["BAD_CURSOR"]


@pytest.mark.parametrize(("after", "kept"), [(1, 2), (1, 0), (99, 5)])
async def test_a_cursor_that_leads_nowhere_is_answered_by_one_that_works(
    racing_cast: Cast, after: int, kept: int
):
    """Older than what is kept, or from a future that a restored backup does not know."""
    board = racing_cast.board.pk
    await tell(board, 5)
    await apart(RecordedEvent.objects.filter(seq__lte=5 - kept).delete)
    follower = look_at(racing_cast, None, after=after)
    (answer,) = await follower.hears(1)

    resync = event(answer)
    assert (resync["__typename"], resync["reason"], resync["actor"]) == ("ResyncRequired", "TOO_OLD", None)
    again = subscribe(None, "BoardLive", boardId=id_of(racing_cast.board), after=resync["cursor"])
    await tell(board)
    for each in (follower, again):
        await each.hears(2 if each is follower else 1)
        assert event(each.told[-1])["cursor"] == cursor(racing_cast, 6)


async def test_an_event_about_what_is_gone_is_told_without_it(racing_cast: Cast):
    follower = look_at(racing_cast, None)
    await tell(racing_cast.board.pk)
    (answer,) = await follower.hears(1)

    assert event(answer)["__typename"] == "TaskMoved" and event(answer)["task"] is None
    assert "errors" not in answer


def look_at(cast: Cast, session: Session | None, after: int = 0) -> Following:
    """Follow the cast's board from an event on."""
    return subscribe(session, "BoardLive", boardId=id_of(cast.board), after=cursor(cast, after))


def cursor(cast: Cast, seq: int) -> str:
    """The cursor of an event of the cast's board."""
    return cursors.encode(board_stream(cast.board.pk), seq)


def event(answer: dict) -> dict:
    """What one answer of a board's subscription tells."""
    assert "errors" not in answer, answer
    return answer["data"]["boardEvents"]


def refusals(answers: list[dict]) -> list[str]:
    """The codes of answers that tell nothing else."""
    assert all(answer["data"] is None for answer in answers), answers
    return [error["extensions"]["code"] for answer in answers for error in answer["errors"]]


def hide(project: Project) -> None:
    """Make it a draft again, that only its team sees."""
    Project.objects.filter(pk=project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)


def expire(session: Session) -> None:
    """Let its time run out."""
    now = timezone.now()
    Session.objects.filter(pk=session.pk).update(
        created_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1)
    )
