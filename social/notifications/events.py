from dataclasses import dataclass

from backend.accounts.events import user_stream
from backend.core.events import Event


@dataclass(frozen=True, kw_only=True)
class NotificationReceived(Event):
    """A person has a new notification, or more of one that they have not read."""

    user_id: int
    notification_id: int

    @property
    def stream(self) -> str:
        return user_stream(self.user_id)
