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
    row = _lookup().fetch(Run(None, {"hash": hash_of(token)}))
    if row is None:
        return None
    pk, user_pk, is_staff, locale = (str(value or b"", "utf-8") for value in row)
    session: Session = _row_of(Session, id=int(pk), user_id=int(user_pk))
    session.user = _row_of(User, id=int(user_pk), is_staff=is_staff == "t", locale=locale)
    return session


def _row_of(model: Any, **facts: Any) -> Any:
    """A row of which only so much was read; the rest is when it is asked for, and hardly anybody asks."""
    # Django takes the values in the order of the model's fields, whatever order the names are in.
    names = [field.attname for field in model._meta.concrete_fields if field.attname in facts]
    return model.from_db(DEFAULT_DB_ALIAS, names, [facts[name] for name in names])


@cache
def _lookup() -> Statement:
    """The statement, made once, since every request needs it."""
    slot: Any = Slot(_hash, "text")
    rows = Session.objects.of_hash(slot).order_by()
    return statement_of(rows.values_list("id", "user_id", "user__is_staff", "user__locale"))


def _hash(run: Run) -> Any:
    return run.variables["hash"]
