from dataclasses import dataclass

from backend.accounts.events import user_stream
from backend.core.events import Event


@dataclass(frozen=True, kw_only=True)
class Followed(Event):
    """Somebody follows a person, a project or a community; told on the follower's own stream."""

    follower_id: int
    user_id: int | None = None
    project_id: int | None = None
    community_id: int | None = None

    @property
    def stream(self) -> str:
        return user_stream(self.follower_id)
