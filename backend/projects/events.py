from dataclasses import dataclass

from backend.core.events import Event


def project_stream(project_id: int) -> str:
    """The stream of what happens to one project; the only place where this name is spelled."""
    return f"project:{project_id}"


@dataclass(frozen=True, kw_only=True)
class ProjectEvent(Event):
    """Something happened to a project."""

    project_id: int

    @property
    def stream(self) -> str:
        return project_stream(self.project_id)


@dataclass(frozen=True, kw_only=True)
class ProjectSubmitted(ProjectEvent):
    """Its team asked for a review."""


@dataclass(frozen=True, kw_only=True)
class ProjectReviewed(ProjectEvent):
    """Staff decided: `verdict` is a value of `Verdict`."""

    verdict: str


@dataclass(frozen=True, kw_only=True)
class ProjectLaunched(ProjectEvent):
    """It is public from now on."""
