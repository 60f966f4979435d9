"""Who asks, by the token that they send: the one statement that every request runs besides its own."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from backend.accounts.models import Session, User, hash_of
from schema.context import Asker, Standing
from schema.planner.slots import Run, Slot
from schema.planner.statements import Statement, statement_of

_LONGEST_TOKEN = 200
_COLUMNS = ("id", "user_id", "user__is_staff", "user__has_blocks", "user__locale", "expires_at")


def session_of(authorization: str) -> Asker | None:
    """Who has the session of an `Authorization: Bearer …` value; None without one (RFC 6750). Raises `LookupError`."""
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    asker = None
    if scheme.lower() == "bearer" and len(token) < _LONGEST_TOKEN:
        asker = _asker_with(token.strip())
    if asker is None:
        raise LookupError
    return asker


def _asker_with(token: str) -> Asker | None:
    row = _lookup().fetch(Run(None, {"hash": hash_of(token)}))
    if row is None:
        return None
    pk, user_id, is_staff, has_blocks, locale, expires_at = (str(value or b"", "utf-8") for value in row)
    standing = Standing(is_staff == "t", has_blocks == "t")
    return Asker(int(pk), int(user_id), standing, locale, expires_at, _user)


def current(askers: Iterable[Asker]) -> dict[int, Asker]:
    """Those whose session still lets them in, as they are now, by its key."""
    rows = Session.objects.current().filter(pk__in={asker.pk for asker in askers}).order_by()
    return {
        pk: Asker(pk, user_id, Standing(is_staff, has_blocks), locale, expires_at.isoformat(), _user)
        for pk, user_id, is_staff, has_blocks, locale, expires_at in rows.values_list(*_COLUMNS)
    }


def _user(asker: Asker) -> User:
    # Of which only so much was read: the rest is when it is asked for, and no action asks.
    facts = {
        "id": asker.user_id,
        "is_staff": asker.is_staff,
        "has_blocks": asker.standing.has_blocks,
        "locale": asker.locale,
    }
    # Django takes the values in the order of the model's fields, whatever order the names are in.
    names = [field.attname for field in User._meta.concrete_fields if field.attname in facts]
    return User.from_db(DEFAULT_DB_ALIAS, names, [facts[name] for name in names])


@cache
def _lookup() -> Statement:
    """The statement, made once, since every request needs it."""
    slot: Any = Slot(_hash, "text")
    rows = Session.objects.of_hash(slot).order_by()
    return statement_of(rows.values_list(*_COLUMNS))


def _hash(run: Run) -> Any:
    return run.variables["hash"]
