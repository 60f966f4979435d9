from django.utils import timezone

from backend.accounts.models import User
from social.notifications.models import (
    Notification,
    NotificationActor,
    NotificationKind,
    unread_count,
)
from tests.cast import Cast
from tests.constraints import assert_each_is_refused, refused_by


def notification(user: User, **facts: object) -> Notification:
    made = {
        "kind": NotificationKind.NEW_FOLLOWER,
        "subject_user": user,
        "occurred_at": timezone.now(),
        "seq": 1,
    }
    return Notification.objects.create(user=user, **{**made, **facts})


def test_the_database_refuses_what_can_never_be(cast: Cast):
    first = notification(cast.ana)
    actor = NotificationActor.objects.create(notification=first, user=cast.cy, seq=1)
    assert_each_is_refused(
        "notifications",
        {
            "notification_has_one_subject": lambda: notification(cast.bo, subject_project=cast.project),
            "unread_notifications_are_grouped": lambda: notification(cast.ana, seq=2),
            "notification_kind_is_known": lambda: notification(cast.bo, kind="GOSSIP"),
            "person_stands_in_a_notification_once": lambda: NotificationActor.objects.create(
                notification=actor.notification, user=cast.cy, seq=2
            ),
        },
    )


def test_a_notification_is_about_something_and_read_ones_may_be_alike(cast: Cast):
    with refused_by("notification_has_one_subject"):
        notification(cast.ana, subject_user=None)
    for _ in range(2):
        notification(cast.ana, read_at=timezone.now())
    notification(cast.ana)
    notification(cast.ana, kind=NotificationKind.COMMENT)


def test_notifications_are_their_persons_alone(cast: Cast):
    of_ana, of_bo = notification(cast.ana), notification(cast.bo)
    expected = {None: [], cast.ana: [of_ana], cast.bo: [of_bo], cast.cy: [], cast.sol: []}
    for viewer, seen in expected.items():
        assert list(Notification.objects.visible_to(viewer)) == seen, viewer


def test_the_people_in_a_notification_are_its_persons_alone(cast: Cast):
    actor = NotificationActor.objects.create(notification=notification(cast.ana), user=cast.cy, seq=1)
    for viewer, seen in {None: [], cast.ana: [actor], cast.bo: [], cast.cy: [], cast.sol: []}.items():
        assert list(NotificationActor.objects.visible_to(viewer)) == seen, viewer


def test_what_is_unread_is_counted(cast: Cast):
    notification(cast.ana)
    notification(cast.ana, kind=NotificationKind.COMMENT)
    notification(cast.ana, read_at=timezone.now())
    counts = User.objects.annotate(unread=unread_count()).values_list("handle", "unread")
    assert dict(counts) == {"ana": 2, "bo": 0, "cy": 0, "sol": 0}
