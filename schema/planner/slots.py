"""The places that a compiled statement leaves open, and what fills them each time that it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import BigIntegerField, Expression, Field

from backend.accounts.models import Session
from schema.context import Asker, Standing

#: How a value goes to PostgreSQL, by its type there: as the text that PostgreSQL reads it from.
_SENT: dict[str, Callable[[Any], bytes]] = {
    "bigint": lambda value: b"%d" % value,
    "integer": lambda value: b"%d" % value,
    "double precision": lambda value: repr(float(value)).encode(),
    "text": lambda value: str(value).encode(),
    "boolean": lambda value: b"t" if value else b"f",
    "timestamptz": lambda value: value.isoformat().encode(),
    "bytea": lambda value: b"\\x" + value.hex().encode(),
    "bigint[]": lambda values: b"{%s}" % b",".join(b"%d" % value for value in values),
}


@dataclass(eq=False, slots=True)
class Run:
    """One run of a plan: who asks, with which variables, about what an action or an event has handed over.

    `askers`: all who are answered at once, by a statement that is made for that.
    """

    session: Asker | Session | None
    variables: dict[str, Any]
    handed: Any = None
    askers: Sequence[Asker] = ()
    _known: dict[int, Any] = field(default_factory=dict)

    def once(self, make: Callable[[Run], Any]) -> Any:
        """What `make` answers for this run; it is asked once, however many slots want it."""
        if id(make) not in self._known:
            self._known[id(make)] = make(self)
        return self._known[id(make)]


class Slot(Expression):
    """An open place in a statement, of one PostgreSQL type; stands wherever Django takes a value or an expression."""

    #: What it says of who asks, if that is what it says: where many are answered at once it is a column of theirs.
    of_asker: Literal["viewer", "session"] | None = None

    def __init__(
        self, fill: Callable[[Run], Any], kind: str, output_field: Field[Any, Any] | None = None
    ) -> None:
        super().__init__(output_field=output_field)
        self.fill = fill
        self.kind = kind

    @property
    def key(self) -> tuple[Any, str]:
        """Slots of one key are filled alike, and sent once."""
        return self.fill, self.kind

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A placeholder whose parameter is the slot itself; `Statement` puts a number in its place."""
        return f"%s::{self.kind}", (self,)

    def sent(self, run: Run) -> bytes | None:
        """What goes to PostgreSQL for one run."""
        value = self.fill(run)
        return None if value is None else _SENT[self.kind](value)

    def lower(self) -> Slot:
        """What a filter does to a text when it is built is done to the text of each run."""
        fill = self.fill
        return Slot(lambda run: fill(run).lower(), self.kind)


class ViewerSlot(Slot):
    """Stands for the viewer wherever a queryset takes one: their key is open, what `visible_to` branches on is not."""

    of_asker = "viewer"

    def __init__(self, standing: Standing) -> None:
        super().__init__(_key_of_viewer, "bigint", BigIntegerField())
        self.standing = standing
        self.is_staff = standing.is_staff
        self.has_blocks = standing.has_blocks

    @property
    def pk(self) -> ViewerSlot:
        """Their key is all that a statement knows of them."""
        return self


def _key_of_viewer(run: Run) -> int:
    if run.session is None:
        raise RuntimeError("a plan for somebody ran for nobody")
    return run.session.user_id


def _key_of_session(run: Run) -> int | None:
    return run.session.pk if run.session else None


class _SessionSlot(Slot):
    of_asker = "session"


#: The session that asks.
ASKING_SESSION = _SessionSlot(_key_of_session, "bigint")
