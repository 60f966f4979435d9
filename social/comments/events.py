from dataclasses import dataclass

from backend.core.events import Event


def thread_stream(subject: str, subject_id: int) -> str:
    """The stream of what is said under one thing ("project", "update" or "task"); spelled only here."""
    return f"thread:{subject}:{subject_id}"


@dataclass(frozen=True, kw_only=True)
class CommentEvent(Event):
    """Something happened to a comment."""

    subject: str
    subject_id: int
    comment_id: int

    @property
    def stream(self) -> str:
        return thread_stream(self.subject, self.subject_id)


@dataclass(frozen=True, kw_only=True)
class CommentAdded(CommentEvent):
    """Somebody said something, or replied."""


@dataclass(frozen=True, kw_only=True)
class CommentEdited(CommentEvent):
    """Its author changed it."""


@dataclass(frozen=True, kw_only=True)
class CommentDeleted(CommentEvent):
    """Its place in the thread is empty now."""
