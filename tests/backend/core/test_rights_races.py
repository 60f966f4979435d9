"""Losses of rights are numbered in the order of commits, by a lock that is taken last, so nobody waits in a circle."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from backend.accounts.models import Session, User
from backend.accounts.sessions import log_out
from backend.boards.events import TaskClosed
from backend.core.events import RIGHTS, record
from backend.core.models import RecordedEvent, Stream
from tests.cast import Cast, person
from tests.races import after_a_wait, race


def sessions_of(user: User, count: int) -> list[Session]:
    """So many more sessions of somebody."""
    ends = timezone.now() + timedelta(days=1)
    return [
        Session.objects.create(user=user, token_hash=f"{user.pk}-{number}", expires_at=ends)
        for number in range(count)
    ]


def rights() -> list[tuple[int, dict[str, int]]]:
    """What the stream of rights says."""
    rows = RecordedEvent.objects.filter(stream=RIGHTS).order_by("seq")
    return [(row.seq, row.facts) for row in rows]


def closed(*boards: int) -> list[TaskClosed]:
    return [TaskClosed(board_id=board, task_id=1) for board in boards]


def test_it_is_written_at_the_commit_and_numbered_in_the_order_of_commits(racing_cast: Cast):
    early, late = sessions_of(racing_cast.cy, 2)
    with transaction.atomic():
        Session.objects.filter(pk=late.pk).update(ended_at=timezone.now())
        # Nothing of it is there yet, and nobody waits for whoever has not committed.
        assert rights() == []
        assert race(lambda session: log_out(session=session), [early]) == ["NoneType"]
        assert rights() == [(1, {"session_id": early.pk})]

    assert rights() == [(1, {"session_id": early.pk}), (2, {"session_id": late.pk})]


def test_what_is_rolled_back_takes_no_number(racing_cast: Cast):
    first, second = sessions_of(racing_cast.cy, 2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Session.objects.filter(pk=first.pk).update(ended_at=timezone.now())
        raise ZeroDivisionError
    assert (rights(), Stream.objects.count()) == ([], 0)

    log_out(session=second)
    assert rights() == [(1, {"session_id": second.pk})]


def test_who_loses_something_at_the_same_moment_waits_for_the_number(racing_cast: Cast):
    first, second = sessions_of(racing_cast.cy, 2)
    with after_a_wait(lambda: log_out(session=second)) as came_out:
        Session.objects.filter(pk=first.pk).update(ended_at=timezone.now())
        at_once()
    assert came_out == [None]
    assert rights() == [(1, {"session_id": first.pk}), (2, {"session_id": second.pk})]


def test_many_who_lose_rights_and_record_events_at_once_never_wait_in_a_circle(racing_cast: Cast):
    """Twenty: in each turn they end a session or ban somebody, before or after they speak on the same two streams."""
    turns = 6
    sessions = sessions_of(racing_cast.cy, 20 * turns)
    banned = [person(f"p{number}") for number in range(20)]

    def act(racer: int) -> None:
        for turn in range(turns):
            with transaction.atomic():
                boards = (7, 8) if racer % 2 else (8, 7)
                if racer % 3 == 0:
                    record(*closed(*boards), by=racing_cast.ana)
                session = sessions[racer * turns + turn]
                Session.objects.filter(pk=session.pk).update(ended_at=timezone.now())
                if racer % 3:
                    record(*closed(*boards), by=racing_cast.ana)
                if turn == racer % turns:
                    User.objects.filter(pk=banned[racer].pk).update(is_active=False)

    assert race(act, range(20)) == ["NoneType"] * 20
    said = rights()
    assert [number for number, _ in said] == list(range(1, 20 * turns + 20 + 1))
    assert sorted(facts["session_id"] for _, facts in said if "session_id" in facts) == [
        each.pk for each in sessions
    ]
    assert sorted(facts["user_id"] for _, facts in said if "user_id" in facts) == [each.pk for each in banned]
    assert dict(Stream.objects.values_list("name", "seq")) == {"board:7": 120, "board:8": 120, RIGHTS: 140}


def test_taking_it_before_the_streams_of_an_action_is_waiting_in_a_circle(racing_cast: Cast):
    """The control: PostgreSQL then ends one of two."""
    sessions = sessions_of(racing_cast.cy, 2)
    both_hold_one = threading.Barrier(2)

    def act(racer: int) -> None:
        with transaction.atomic():
            Session.objects.filter(pk=sessions[racer].pk).update(ended_at=timezone.now())
            if racer:
                at_once()
            else:
                record(*closed(7), by=None)
            both_hold_one.wait(timeout=10)
            if racer:
                record(*closed(7), by=None)

    assert sorted(race(act, range(2))) == ["NoneType", "OperationalError"]
    assert len(rights()) == 1


def at_once() -> None:
    """What waits for the commit of this transaction happens now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
