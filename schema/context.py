from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from django.utils import timezone

from backend.accounts.models import Session, User
from backend.core.models import RecordedEvent


class Missed:
    """Stands in a stream where events are gone that the reader has not seen; `seq` is where the stream is now."""

    #: The name of its GraphQL type, as the kind of an event of the log is.
    kind = "ResyncRequired"
    actor_id = None
    facts: Mapping[str, Any] = {}
    reason = "TOO_OLD"

    def __init__(self, stream: str, seq: int) -> None:
        self.stream_id = stream
        self.seq = seq
        self.occurred_at = timezone.now()


class Hub(Protocol):
    """What a subscription needs of whoever pushes; realtime supplies it, so that this floor knows no sockets."""

    def follow(self, stream: str, *, after: int | None) -> AsyncGenerator[RecordedEvent | Missed, None]:
        """The events of a stream after a number, then live ones as they commit; none: from now on."""
        ...


@dataclass(eq=False)
class Asker:
    """Who has a session: as much of it and of them as every question needs; the person as a row for who does something."""

    pk: int
    user_id: int
    is_staff: bool
    locale: str
    _read: Callable[[Asker], User]

    @cached_property
    def user(self) -> User:
        """The person."""
        return self._read(self)


@dataclass(eq=False, slots=True)
class Context:
    """Who asks, by which door; one for each operation, and for each event of a subscription."""

    session: Session | Asker | None = None
    user_agent: str = ""
    hub: Hub | None = None

    @property
    def viewer(self) -> User | None:
        """Whoever is logged in."""
        return self.session.user if self.session else None

    @property
    def is_staff(self) -> bool | None:
        """Whether they are staff; None for nobody."""
        if isinstance(self.session, Asker):
            return self.session.is_staff
        return self.session.user.is_staff if self.session else None

    def fresh(self) -> Context:
        """The same asker, whose session may end without ending for this one."""
        return replace(self)
