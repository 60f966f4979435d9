"""Sessions that a person ends, wherever they are, and how long those that are over are kept."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from backend.accounts import sessions
from backend.accounts.models import Session, User, hash_of, new_token
from backend.accounts.sessions import end_other_sessions, end_session, open_session, prune_sessions
from backend.core.refusals import NotFound
from tests.cast import Cast
from tests.races import race
from tests.snapshots import refused, snapshot


def current(user: User) -> set[int]:
    return set(Session.objects.visible_to(user).values_list("pk", flat=True))


def test_a_person_ends_one_of_their_own(cast: Cast):
    here, there = (open_session(cast.ana, "")[0] for _ in range(2))
    end_session(session_id=there.pk, by=cast.ana)
    assert current(cast.ana) == {here.pk}
    assert abs(Session.objects.get(pk=there.pk).ended_at - timezone.now()) < timedelta(seconds=5)


def test_ending_it_twice_is_the_same_as_once(cast: Cast):
    there, _ = open_session(cast.ana, "")
    end_session(session_id=there.pk, by=cast.ana)
    before = snapshot()
    end_session(session_id=there.pk, by=cast.ana)
    assert snapshot() == before


def test_nobody_ends_somebody_elses_not_even_staff(cast: Cast):
    anas, _ = open_session(cast.ana, "")
    for other in (cast.bo, cast.cy, cast.sol):
        with refused(NotFound):
            end_session(session_id=anas.pk, by=other)
    for nothing in (0, 2**63 - 1):
        with refused(NotFound):
            end_session(session_id=nothing, by=cast.ana)


def test_a_person_ends_all_but_the_one_that_asks(cast: Cast):
    here, *_ = (open_session(cast.ana, "")[0] for _ in range(4))
    bos, _ = open_session(cast.bo, "")
    end_other_sessions(by=cast.ana, session_id=here.pk)
    assert (current(cast.ana), current(cast.bo)) == ({here.pk}, {bos.pk})


def test_two_that_end_each_other_at_once_do_not_wait_in_a_circle(racing_cast: Cast):
    mine = [open_session(racing_cast.ana, "")[0] for _ in range(12)]
    outcome = race(lambda each: end_other_sessions(by=racing_cast.ana, session_id=each.pk), mine)
    assert outcome == ["NoneType"] * 12
    assert current(racing_cast.ana) == set()


@pytest.mark.parametrize(
    ("facts", "is_kept"),
    [
        ({}, True),
        ({"ended_at": timedelta(days=29, hours=23)}, True),
        ({"ended_at": timedelta(days=30, seconds=5)}, False),
        ({"expires_at": timedelta(days=29, hours=23)}, True),
        ({"expires_at": timedelta(days=30, seconds=5)}, False),
    ],
)
def test_one_that_is_over_is_kept_for_thirty_days(cast: Cast, facts: dict[str, timedelta], is_kept: bool):
    now = timezone.now()
    moments = {"created_at": now - timedelta(days=61), "expires_at": now + timedelta(days=1)}
    moments |= {name: now - ago for name, ago in facts.items()}
    Session.objects.create(user=cast.ana, token_hash=hash_of(new_token()), **moments)
    prune_sessions()
    assert Session.objects.exists() is is_kept


def test_a_bounded_number_is_forgotten_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sessions, "BATCH", 2)
    ended = timezone.now() - timedelta(days=31)
    for _ in range(5):
        session, _ = open_session(cast.ana, "")
        Session.objects.filter(pk=session.pk).update(ended_at=ended)
    left = []
    for _ in range(4):
        prune_sessions()
        left.append(Session.objects.count())
    assert left == [3, 1, 0, 0]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
