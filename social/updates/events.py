from dataclasses import dataclass

from backend.core.events import Event
from backend.projects.events import project_stream


@dataclass(frozen=True, kw_only=True)
class UpdatePublished(Event):
    """A project told its news."""

    project_id: int
    update_id: int

    @property
    def stream(self) -> str:
        return project_stream(self.project_id)
