import strawberry

from backend.accounts.events import user_stream
from backend.accounts.models import User
from schema.declarations import expression, one
from schema.member.notifications.types import Notification
from schema.policies import NOTIFICATIONS, shown_to
from schema.subscriptions import Stream, viewers_events
from social.notifications import models
from social.notifications.events import NotificationReceived as Received


@shown_to(NOTIFICATIONS)
@strawberry.type(description="The viewer has a new notification, or more of one that they have not read.")
class NotificationReceived:
    notification: Notification | None = one(
        models.Notification,
        key="facts.notification_id",
        description="It, as it is when this is told; null when events are gone that one has not seen: load them again.",
    )
    unread_notification_count: int = expression(
        lambda viewer: models.unread_count(),
        of_viewer=User,
        description="How many are unread now.",
    )


@strawberry.type
class NotificationSubscriptions:
    notification_received: Stream[NotificationReceived] = viewers_events(
        policy=NOTIFICATIONS,
        stream=user_stream,
        kinds=(Received.kind,),
        description="What concerns the viewer, as it happens. Refusals: `UNAUTHENTICATED`, `BAD_CURSOR`.",
    )
