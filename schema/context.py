from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from backend.accounts.models import Session, User


@dataclass(eq=False)
class Asker:
    """Who has a session, or a key that lets a program ask for them: as much of it and of them as every question needs;
    the person as a row for who does something.
    """

    #: Of their session; 0 for a program, which has none.
    pk: int
    user_id: int
    is_staff: bool
    locale: str
    #: As PostgreSQL spells it: most questions do not ask.
    _expires_at: str
    _read: Callable[[Asker], User]
    #: What a program may do (`backend.accounts.scopes`); None for a person's own session, which may do everything.
    scopes: frozenset[str] | None = None
    #: The fact of `RightsLost` that names what let a program in, and its key; none for a session.
    program: tuple[str, int] | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What let them in, as `RightsLost` names it when it ends."""
        return self.program or ("session_id", self.pk)

    @property
    def expires_at(self) -> datetime:
        """When the session ends by itself."""
        return datetime.fromisoformat(self._expires_at)

    @cached_property
    def user(self) -> User:
        """The person."""
        return self._read(self)


@dataclass(eq=False, slots=True)
class Context:
    """Who asks, by which door; one for each operation."""

    session: Session | Asker | None = None
    user_agent: str = ""

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
