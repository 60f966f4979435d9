from backend.core.holdings import Fate, Holding, Told, locked
from social.notifications.models import Notification, NotificationActor

DELETED = Fate.DELETED


def _delete(person: int, most: int) -> int:
    gone = locked(Notification.objects.filter(user=person), most)
    Notification.objects.filter(pk__in=[each.pk for each in gone]).delete()
    return len(gone)


HOLDINGS = (
    Holding(
        name="notifications",
        says="what you were told.",
        model=Notification,
        whose="user",
        columns={
            "kind": Told("What it is about.", DELETED),
            "subject_user": Told("A person.", DELETED, "subject_user__handle"),
            "subject_project": Told("A project.", DELETED, "subject_project__slug"),
            "subject_update": Told("An update.", DELETED),
            "subject_comment": Told("A comment.", DELETED),
            "subject_task": Told("A task.", DELETED),
            "actor_count": Told("How many people did it.", DELETED),
            "occurred_at": Told("When the last of it happened.", DELETED),
            "read_at": Told("When you read it.", DELETED),
        },
        erase=_delete,
    ),
)

#: That somebody stands in the notifications of others is theirs to read; the person is a tombstone there.
NOT_PERSONAL = {
    Notification: ("id", "user", "seq"),
    NotificationActor: ("id", "notification", "user", "seq"),
}
