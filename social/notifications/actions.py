from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.core.refusals import Invalid
from social.notifications.models import Notification

MOST_IDS = 100


@transaction.atomic(durable=True)
def mark_notifications_read(*, by: User, ids: list[int] | None = None, up_to: int | None = None) -> int:
    """Mark some of one's own notifications as read, by id or all up to a number; says how many stay unread.

    Ids of other people's, and of those read already, are passed over. Raises `Invalid`.
    """
    if (ids is None) == (up_to is None):
        raise Invalid("ids", "Either ids or upTo.")
    if ids is not None and len(ids) > MOST_IDS:
        raise Invalid("ids", f"At most {MOST_IDS}.")
    own = Notification.objects.visible_to(by).unread()
    own.filter(Q(pk__in=ids) if ids is not None else Q(seq__lte=up_to)).update(read_at=timezone.now())
    return own.count()
