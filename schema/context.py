from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from backend.accounts.models import Session, User


@dataclass(eq=False)
class Asker:
    """Who has a session: as much of it and of them as every question needs; the person as a row for who does something."""

    pk: int
    user_id: int
    is_staff: bool
    locale: str
    #: As PostgreSQL spells it: most questions do not ask.
    _expires_at: str
    _read: Callable[[Asker], User]

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
    #: The client keeps its session in a cookie (`schema.cookies`), and must not be told its token.
    wants_cookie: bool = False
    #: The token of the session that was opened; empty: the session was ended; None: neither.
    new_token: str | None = None

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
