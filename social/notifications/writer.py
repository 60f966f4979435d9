"""The reader of the event log that writes each person's notifications."""

from collections.abc import Sequence

from django.db.models import Q

from backend.accounts.blocks import no_block
from backend.accounts.models import User
from backend.core.events import event_of, record
from backend.core.models import RecordedEvent
from backend.core.readers import Reader
from social.notifications.events import NotificationReceived
from social.notifications.models import Notification, NotificationActor
from social.notifications.rules import RULES, Notice, notices

#: People told in one transaction: it holds their streams to its end, and whoever wants one waits so long.
BATCH = 500


def write_notifications(row: RecordedEvent, after: int) -> int | None:
    """Write what an event means for the next people (those after a key), and tell each of them on their stream."""
    told = [(notice, _people(notice, row, after)) for notice in notices(row, event_of(row))]
    # All notices get as far as the one with the most people: so one number says how far the event has got.
    last = min((people[-1] for _, people in told if len(people) == BATCH), default=None)
    for notice, people in told:
        here = people if last is None else [person for person in people if person <= last]
        if here:
            _write(notice, row, here)
    return last


reader = Reader(kinds=RULES, deal=write_notifications)


def _people(notice: Notice, row: RecordedEvent, after: int) -> list[int]:
    # Nobody is told of what they did themselves.
    others = User.objects.filter(~Q(pk=row.actor_id), pk__in=notice.recipients, pk__gt=after, is_active=True)
    if notice.is_personal:
        others = others.filter(no_block("pk", row.actor_id))
    return list(others.order_by("pk").values_list("pk", flat=True)[:BATCH])


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
    # All are there: as an insert that finds so, because Django's bulk_update thinks for half a second about five hundred
    # rows, and whoever wants one of these people's streams would wait for it.
    Notification.objects.bulk_create(
        by_person.values(),
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["seq", "occurred_at", "actor_count"],
    )


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
