"""Who asks, by the token that they send: the one statement that every request runs besides its own."""

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from backend.accounts.models import Session, User, hash_of
from schema.planner.slots import Run, Slot
from schema.planner.statements import Statement, statement_of

_LONGEST_TOKEN = 200


def session_of(authorization: str) -> Session | None:
    """The session of an `Authorization: Bearer …` value, None without one (RFC 6750). Raises `LookupError`."""
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    session = None
    if scheme.lower() == "bearer" and len(token) < _LONGEST_TOKEN:
        session = _session_of(token.strip())
    if session is None:
        raise LookupError
    return session


def _session_of(token: str) -> Session | None:
    statement, of_session, of_user = _lookup()
    row = statement.fetch(Run(None, {"hash": hash_of(token)}))
    if row is None:
        return None
    session = Session.from_db(DEFAULT_DB_ALIAS, of_session, row[: len(of_session)])
    session.user = User.from_db(DEFAULT_DB_ALIAS, of_user, row[len(of_session) :])
    return session


@cache
def _lookup() -> tuple[Statement, list[str], list[str]]:
    """The statement, and the columns that it reads of each model; made once, since every request needs it."""
    of_session, of_user = _columns(Session), _columns(User)
    rows = Session.objects.of_hash(Slot(_hash, "text"))  # type: ignore[arg-type]  # a slot stands for a text
    named = rows.values_list(*of_session, *(f"user__{name}" for name in of_user))
    return statement_of(named.order_by()), of_session, of_user


def _columns(model: Any) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _hash(run: Run) -> Any:
    return run.variables["hash"]
