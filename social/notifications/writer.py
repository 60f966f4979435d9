"""The reader of the event log that writes each person's notifications."""

from collections.abc import Sequence

from backend.accounts.models import User
from backend.core.events import event_of, record
from backend.core.models import RecordedEvent
from social.notifications.events import NotificationReceived
from social.notifications.models import Notification, NotificationActor
from social.notifications.rules import Notice, notices

#: People told in one round of statements.
BATCH = 500


def write_notifications(rows: Sequence[RecordedEvent]) -> None:
    """Write what these events mean for people, and tell each of them on their stream; runs in its caller's transaction."""
    for row in rows:
        for notice in notices(row, event_of(row)):
            # Nobody is told of what they did themselves.
            people = User.objects.filter(pk__in=set(notice.recipients) - {row.actor_id}, is_active=True)
            told = list(people.order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(told), BATCH):
                _write(notice, row, told[start : start + BATCH])


def _write(notice: Notice, row: RecordedEvent, people: Sequence[int]) -> None:
    about = {"kind": notice.kind, f"subject_{notice.subject}_id": notice.subject_id}
    # Locked: who marks one as read at this moment gets a new one, not a change to what they have read.
    found = Notification.objects.filter(user__in=people, read_at=None, **about).select_for_update(no_key=True)
    by_person = {notification.user_id: notification for notification in found}
    new = [
        Notification(user_id=person, occurred_at=row.occurred_at, seq=0, **about)
        for person in people
        if person not in by_person
    ]
    by_person |= {
        notification.user_id: notification for notification in Notification.objects.bulk_create(new)
    }
    received = record(
        *(NotificationReceived(user_id=person, notification_id=by_person[person].pk) for person in people),
        by=row.actor,
    )
    for person, event in zip(people, received, strict=True):
        by_person[person].seq = event.seq
        by_person[person].occurred_at = row.occurred_at
    if row.actor_id:
        _add_actor(row.actor_id, list(by_person.values()))
    Notification.objects.bulk_update(by_person.values(), ["seq", "occurred_at", "actor_count"])


def _add_actor(actor_id: int, notifications: list[Notification]) -> None:
    known = set(
        NotificationActor.objects.filter(notification__in=notifications, user=actor_id).values_list(
            "notification_id", flat=True
        )
    )
    for notification in notifications:
        if notification.pk not in known:
            notification.actor_count += 1
    NotificationActor.objects.bulk_create(
        [NotificationActor(notification=each, user_id=actor_id, seq=each.seq) for each in notifications],
        update_conflicts=True,
        unique_fields=["notification", "user"],
        update_fields=["seq"],
    )
