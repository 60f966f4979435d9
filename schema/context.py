from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from backend.accounts.models import Session, User


class Standing(NamedTuple):
    """What of whoever asks decides about plans and policies; two who stand alike differ in their keys only."""

    is_staff: bool = False
    #: They have blocked somebody, or somebody them; for all others nobody is hidden.
    has_blocks: bool = False
    #: What a program may do in their name; None for themselves, who may do everything.
    scopes: frozenset[str] | None = None


@dataclass(eq=False)
class Asker:
    """Who has a session, or a key that lets a program ask for them: as much of it and of them as every question needs;
    the person as a row for who does something.
    """

    #: Of their session; 0 for a program, which has none.
    pk: int
    user_id: int
    standing: Standing
    locale: str
    #: As PostgreSQL spells it: most questions do not ask.
    _expires_at: str
    _read: Callable[[Asker], User]
    #: The fact of `RightsLost` that names what let a program in, and its key; none for a session.
    program: tuple[str, int] | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What let them in, as `RightsLost` names it when it ends."""
        return self.program or ("session_id", self.pk)

    @property
    def is_staff(self) -> bool:
        """Whether they are staff."""
        return self.standing.is_staff

    @property
    def expires_at(self) -> datetime:
        """When the session ends by itself."""
        return datetime.fromisoformat(self._expires_at)

    @cached_property
    def user(self) -> User:
        """The person."""
        return self._read(self)


def _for_nothing(points: int) -> None:
    pass


@dataclass(eq=False, slots=True)
class RateLimit:
    """How much whoever asks may spend: `limit` points at most, `remaining` now, all of them again at `reset_at`."""

    limit: int
    cost: int = 0
    remaining: int = 0
    reset_at: datetime | None = None


@dataclass(eq=False, slots=True)
class Context:
    """Who asks, by which door; one for each operation."""

    session: Session | Asker | None = None
    user_agent: str = ""
    #: Where the request comes from; empty where nobody says.
    address: str = ""
    #: Called once with the price of the operation in points, before anything of it is answered. Raises `BadRequest`.
    pay: Callable[[int], None] = _for_nothing
    #: What is left of what they may spend, once they have paid; None where nothing is limited.
    rate_limit: RateLimit | None = None
    #: Seconds after which something that was refused because it was done too often may be done again.
    retry_after: int = 0
    #: The client keeps its session in a cookie (`schema.cookies`), and must not be told its token.
    wants_cookie: bool = False
    #: The token of the session that was opened; empty: the session was ended; None: neither.
    new_token: str | None = None

    @property
    def viewer(self) -> User | None:
        """Whoever is logged in."""
        return self.session.user if self.session else None

    @property
    def standing(self) -> Standing | None:
        """How they stand; None for nobody."""
        if isinstance(self.session, Asker):
            return self.session.standing
        if self.session is None:
            return None
        return Standing(self.session.user.is_staff, self.session.user.has_blocks)

    def viewer_has_blocks(self) -> None:
        """The viewer has one from now on, which the rest of the document is answered by."""
        if isinstance(self.session, Asker):
            self.session.standing = self.session.standing._replace(has_blocks=True)
        if self.viewer is not None:
            self.viewer.has_blocks = True
