import strawberry

from backend.accounts.events import user_stream
from backend.accounts.models import User
from schema import cursors
from schema.declarations import column
from schema.ids import pk_of
from schema.mutations import Answer, Payload, mutation
from schema.policies import NOTIFICATIONS
from social.notifications import actions


@strawberry.input(description="Which notifications were read: either `ids` or `upTo`.")
class MarkNotificationsReadInput:
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="At most 100 `Notification`s."
    )
    up_to: str | None = strawberry.field(
        default=None, description="The cursor of the last one that was read."
    )


@strawberry.type(description="The answer of `markNotificationsRead`.")
class MarkNotificationsReadPayload(Payload):
    unread_notification_count: int | None = column("How many stay unread.")


@mutation(MarkNotificationsReadPayload, policy=NOTIFICATIONS)
def mark_notifications_read(by: User, input: MarkNotificationsReadInput) -> Answer:
    """Mark one's notifications as read. Refusals: `VALIDATION`, `NOT_FOUND`, `BAD_CURSOR`."""
    ids = None if input.ids is None else [pk_of(each, "Notification") for each in input.ids]
    up_to = None if input.up_to is None else cursors.decode(input.up_to, user_stream(by.pk))[0]
    return Answer(unread_notification_count=actions.mark_notifications_read(by=by, ids=ids, up_to=up_to))
