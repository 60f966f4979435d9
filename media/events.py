from dataclasses import dataclass

from backend.accounts.events import user_stream
from backend.core.events import Event


@dataclass(frozen=True, kw_only=True)
class MediaChecked(Event):
    """A file was checked: `state` says whether it may be shown, and `reason`, of one that may not, why not."""

    user_id: int
    media_id: int
    state: str
    reason: str

    @property
    def stream(self) -> str:
        return user_stream(self.user_id)
