"""Who may be told what now, and what is no subscription at all; and whose session still lets them in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.events import user_stream
from backend.accounts.models import Session, User
from backend.boards.events import board_stream
from backend.boards.models import Board
from backend.core.models import RecordedEvent
from backend.core.refusals import NotFound, Unauthenticated
from backend.projects.models import Membership, Project, ProjectStatus
from schema import cursors
from schema.context import Asker, Standing
from schema.cursors import BadCursor
from schema.ids import to_global_id
from schema.sessions import current
from schema.subscriptions import (
    Events,
    Followed,
    Missed,
    Presence,
    Wanted,
    by_standing,
    presence_stream,
)
from tests.asking import id_of, statements, token_of
from tests.cast import Cast, person
from tests.schema.telling import asker_of

EVENTS = Events(board_stream, Board)
PRESENCE = Presence(lambda pk: presence_stream(Board, pk), Board)
MINE = Events(user_stream, kinds=("NotificationReceived",))


@pytest.fixture
def everybody(cast: Cast) -> dict[str, Asker | None]:
    """Each of the cast, Sun who is staff too, and nobody."""
    people = [cast.ana, cast.bo, cast.cy, cast.sol, person("sun", is_staff=True)]
    return {each.handle: asker_of(each) for each in people} | {"nobody": None}


def entitled(wanted: Wanted, everybody: dict[str, Asker | None]) -> set[str]:
    """The names of those who may be told."""
    found = wanted.entitled(everybody.values())
    return {name for name, asker in everybody.items() if asker in found}


def board_of(cast: Cast, source: Followed = EVENTS) -> Wanted:
    """What whoever follows the cast's board wants."""
    return source.wanted({"board_id": id_of(cast.board)}, None)


def hide(project: Project) -> None:
    """Make it a draft again, that only its team and staff see."""
    Project.objects.filter(pk=project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)


@pytest.mark.parametrize("source", [EVENTS, PRESENCE], ids=["events", "presence"])
def test_a_board_is_told_to_whoever_may_see_its_project(
    cast: Cast, everybody: dict[str, Asker | None], source: Followed
):
    wanted = board_of(cast, source)
    assert entitled(wanted, everybody) == {*everybody}

    hide(cast.project)
    assert entitled(wanted, everybody) == {"ana", "bo", "sol", "sun"}
    Membership.objects.filter(user=cast.bo).delete()
    assert entitled(wanted, everybody) == {"ana", "sol", "sun"}
    cast.board.delete()
    assert entitled(wanted, everybody) == set()


def test_each_alone_is_told_what_they_are_told_among_others(cast: Cast, everybody: dict[str, Asker | None]):
    hide(cast.project)
    alone = {name for name, asker in everybody.items() if board_of(cast).entitled([asker]) == {asker}}
    assert alone == {"ana", "bo", "sol", "sun"}


def test_all_people_are_asked_about_by_one_statement(cast: Cast, everybody: dict[str, Asker | None]):
    hide(cast.project)
    crowd = {f"p{number}": asker_of(person(f"p{number:02}")) for number in range(50)}
    with statements() as ran:
        assert entitled(board_of(cast), crowd) == set()
    assert len(ran) == 1

    # Nobody and staff are kinds of their own.
    with statements() as ran:
        assert entitled(board_of(cast), crowd | everybody) == {"ana", "bo", "sol", "sun"}
    assert len(ran) == 3


def test_nobody_asked_about_costs_nothing(cast: Cast):
    with statements() as ran:
        assert board_of(cast).entitled([]) == set()
        assert board_of(cast).entitled(iter([])) == set()
    assert ran == []


def test_one_person_in_two_sessions_is_entitled_in_both(cast: Cast):
    hide(cast.project)
    twice = [asker_of(cast.bo), asker_of(cast.bo), asker_of(cast.cy)]
    assert board_of(cast).entitled(twice) == {*twice[:2]}


def test_what_is_ones_own_is_told_to_oneself_and_costs_no_statement(
    cast: Cast, everybody: dict[str, Asker | None]
):
    wanted = MINE.wanted({}, everybody["ana"])
    again = asker_of(cast.ana)
    with statements() as ran:
        assert entitled(wanted, everybody) == {"ana"}
        assert wanted.entitled([again, None]) == {again}
    assert ran == []


def test_a_board_that_never_was_is_told_to_nobody(cast: Cast, everybody: dict[str, Asker | None]):
    wanted = EVENTS.wanted({"board_id": to_global_id("Board", 2**63 - 1)}, None)
    assert entitled(wanted, everybody) == set()


def test_people_are_told_apart_by_nothing_but_what_they_are(everybody: dict[str, Asker | None]):
    found = {kind: len(those) for kind, those in by_standing(everybody.values()).items()}
    assert found == {None: 1, Standing(): 3, Standing(is_staff=True): 2}


def test_what_is_wanted_is_a_stream_from_an_event_on(cast: Cast):
    given = {"board_id": id_of(cast.board), "after": cursors.encode(board_stream(cast.board.pk), 5)}
    wanted = EVENTS.wanted(given, None)

    assert (wanted.thing, wanted.stream, wanted.after) == (cast.board.pk, f"board:{cast.board.pk}", 5)
    assert wanted.place == f"presence:board:{cast.board.pk}"
    assert EVENTS.wanted({**given, "after": None}, None).after is None
    assert board_of(cast, PRESENCE).stream == board_of(cast, PRESENCE).place == wanted.place


def test_what_is_ones_own_is_wanted_by_who_one_is_and_seen_by_nobody(cast: Cast):
    ana = asker_of(cast.ana)
    after = cursors.encode(user_stream(cast.ana.pk), 0)
    wanted = MINE.wanted({"after": after}, ana)

    assert (wanted.thing, wanted.stream, wanted.after) == (cast.ana.pk, f"user:{cast.ana.pk}", 0)
    assert wanted.place is None
    with pytest.raises(Unauthenticated):
        MINE.wanted({"after": after}, None)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "garbage",
        "Qm9hcmQ6MQ==",
        "Board:1",
        to_global_id("Task", 1),
        to_global_id("Board", 2**63),
        "é",
        "x" * 99,
    ],
)
def test_an_id_that_is_of_no_board_is_not_found(db: None, name: str):
    with pytest.raises(NotFound):
        EVENTS.wanted({"board_id": name}, None)


def test_a_cursor_of_another_stream_is_refused(cast: Cast):
    own = cursors.encode(board_stream(cast.board.pk), 1)
    others = {
        "another board's": cursors.encode(board_stream(cast.board.pk + 1), 1),
        "a person's": cursors.encode(user_stream(cast.board.pk), 1),
        "a list's": cursors.encode(f"Board.tasks:{cast.board.pk}", 1.0, 1),
        "changed": own[:-1] + ("A" if own[-1] != "A" else "B"),
        "padded": own + "=",
        "nothing": "",
        "huge": own * 50,
    }
    for after in others.values():
        with pytest.raises(BadCursor):
            EVENTS.wanted({"board_id": id_of(cast.board), "after": after}, None)
    with pytest.raises(BadCursor):
        MINE.wanted({"after": cursors.encode(user_stream(cast.bo.pk), 1)}, asker_of(cast.ana))


def test_only_the_kinds_that_are_named_are_told_and_always_that_some_are_missing(cast: Cast):
    mine, events = MINE.wanted({}, asker_of(cast.ana)), board_of(cast)
    kinds = ("NotificationReceived", "Followed", "TaskMoved")

    assert [mine.tells(RecordedEvent(kind=kind)) for kind in kinds] == [True, False, False]
    assert [events.tells(RecordedEvent(kind=kind)) for kind in kinds] == [True, True, True]
    assert mine.tells(Missed(mine.stream, 3))


def _nothing(session: Session) -> None:
    """Time goes by."""


def _out(session: Session) -> None:
    Session.objects.filter(pk=session.pk).update(ended_at=timezone.now())


def _expired(session: Session) -> None:
    now = timezone.now()
    Session.objects.filter(pk=session.pk).update(created_at=now - timedelta(days=2), expires_at=now)


def _banned(session: Session) -> None:
    User.objects.filter(pk=session.user_id).update(is_active=False)


def _gone(session: Session) -> None:
    session.delete()


@pytest.mark.parametrize(
    ("change", "lets_in"),
    [(_nothing, True), (_out, False), (_expired, False), (_banned, False), (_gone, False)],
)
def test_a_session_lets_in_until_something_ends_it(
    cast: Cast, change: Callable[[Session], None], lets_in: bool
):
    cy, bo = asker_of(cast.cy), asker_of(cast.bo)
    assert cy and bo
    change(Session.objects.of_token(token_of(cast.cy)).get())

    assert {*current([cy, bo])} == ({cy.key, bo.key} if lets_in else {bo.key})


def test_those_who_are_let_in_are_told_as_they_are_now(cast: Cast):
    """Staff no more, with another language, for longer; by one statement for all."""
    sol, cy = asker_of(cast.sol), asker_of(cast.cy)
    assert sol and cy and sol.is_staff
    User.objects.filter(pk=cast.sol.pk).update(is_staff=False, locale="ca")
    ends = timezone.now() + timedelta(days=90)
    Session.objects.filter(pk=sol.pk).update(expires_at=ends)
    with statements() as ran:
        now = current([sol, cy, sol])

    found = now[sol.key]
    assert (found.pk, found.user_id, found.is_staff, found.locale) == (sol.pk, cast.sol.pk, False, "ca")
    assert found.expires_at == ends and found.user.pk == cast.sol.pk
    assert (now[cy.key].user_id, now[cy.key].is_staff) == (cast.cy.pk, False)
    assert len(ran) == 1


def test_of_nobody_nobody_is_let_in(db: None):
    assert current([]) == {}
