from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import User
from backend.core.readers import read_pending
from backend.core.refusals import Invalid
from backend.projects.models import Project
from social.comments.actions import add_comment
from social.follows.actions import follow
from social.notifications.actions import mark_notifications_read
from social.notifications.models import Notification, NotificationKind
from tests.cast import Cast
from tests.races import after_a_wait, race
from tests.snapshots import refused, snapshot


def notification(user: User, seq: int, **facts: object) -> Notification:
    kinds = list(NotificationKind)
    made = {"kind": kinds[seq % len(kinds)], "subject_user": user, "occurred_at": timezone.now()}
    return Notification.objects.create(user=user, seq=seq, **{**made, **facts})


@pytest.fixture
def three(cast: Cast) -> list[Notification]:
    """Ana's, unread, with the numbers 1 to 3; and one of Bo's."""
    notification(cast.bo, 1)
    return [notification(cast.ana, seq) for seq in (1, 2, 3)]


def unread(user: User) -> list[int]:
    return list(Notification.objects.filter(user=user).unread().order_by("seq").values_list("seq", flat=True))


def test_some_are_marked_by_their_ids(cast: Cast, three: list[Notification], recorded):
    assert mark_notifications_read(by=cast.ana, ids=[three[0].pk, three[2].pk]) == 1

    assert unread(cast.ana) == [2]
    read_at = Notification.objects.get(pk=three[0].pk).read_at
    assert abs(read_at - timezone.now()) < timedelta(seconds=5)
    assert recorded() == []


@pytest.mark.parametrize(
    ("up_to", "left"), [(0, [1, 2, 3]), (2, [3]), (3, []), (2**63 - 1, []), (-1, [1, 2, 3])]
)
def test_all_are_marked_up_to_a_number(cast: Cast, three: list[Notification], up_to: int, left: list[int]):
    assert mark_notifications_read(by=cast.ana, up_to=up_to) == len(left)
    assert (unread(cast.ana), unread(cast.bo)) == (left, [1])


def test_other_peoples_are_passed_over_and_so_is_what_was_read_or_never_was(
    cast: Cast, three: list[Notification]
):
    mark_notifications_read(by=cast.ana, ids=[three[0].pk])
    before = snapshot()
    of_bo = Notification.objects.get(user=cast.bo).pk
    for ids in ([], [of_bo], [three[0].pk], [0, -1, 2**62, 2**70]):
        assert mark_notifications_read(by=cast.ana, ids=ids) == 2
    assert snapshot() == before, "and what was read keeps the moment when it was"


def test_it_is_said_what_is_to_be_marked(cast: Cast, three: list[Notification]):
    for given in ({}, {"ids": [three[0].pk], "up_to": 3}, {"ids": list(range(101))}):
        with refused(Invalid, "ids"):
            mark_notifications_read(by=cast.ana, **given)
    assert mark_notifications_read(by=cast.ana, ids=[three[0].pk] * 100) == 2


def test_of_two_clicks_at_once_both_are_answered(racing_cast: Cast):
    for seq in range(1, 9):
        notification(racing_cast.ana, seq)
    assert race(lambda _: mark_notifications_read(by=racing_cast.ana, up_to=9), range(8)) == ["int"] * 8
    assert unread(racing_cast.ana) == []


def test_a_click_waits_for_what_grows_at_this_moment_and_leaves_what_has_grown(racing_cast: Cast):
    """What the log's reader adds to a notification that somebody marks as read was not read with it."""
    grows = notification(racing_cast.ana, 1)
    with after_a_wait(lambda: mark_notifications_read(by=racing_cast.ana, up_to=9)) as came_out:
        Notification.objects.filter(pk=grows.pk).update(seq=10)
    assert (came_out, unread(racing_cast.ana)) == ([1], [10])


def test_the_reader_of_the_log_never_holds_two_of_one_persons_notifications(racing_cast: Cast):
    """A click holds some and waits for others: if the reader did too, they would now and then wait in a circle."""
    cast = racing_cast
    for by in (cast.cy, cast.bo):
        follow(kind=User, target_id=cast.ana.pk, by=by)
        add_comment(kind=Project, subject_id=cast.project.pk, by=by, body="Hello")
        with CaptureQueriesContext(connection) as statements:
            read_pending("notifications")
    held_at_once: list[int] = []
    for statement in statements:
        if statement["sql"].startswith("BEGIN"):
            held_at_once.append(0)
        if "FOR NO KEY UPDATE" in statement["sql"]:
            held_at_once[-1] += 1
    assert [held for held in held_at_once if held] == [1, 1]
