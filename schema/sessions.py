"""Who asks, by the token that they send: the one statement that every request runs besides its own."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.db.models.functions import Now

from backend.accounts.keys import KEY_PREFIX, note_use
from backend.accounts.models import AccessToken, Session, User, hash_of
from backend.applications.models import AppToken
from backend.applications.validator import TOKEN_PREFIX
from schema.context import Asker, Standing
from schema.planner.rendering import Sql
from schema.planner.slots import Run, Slot
from schema.planner.statements import Row, Statement, statement_of

_LONGEST_TOKEN = 200
_COLUMNS = ("id", "user_id", "user__is_staff", "user__has_blocks", "user__locale", "expires_at")
#: A key that a program uses all day is written to so often, and no more.
_USE_IS_NOTED = timedelta(hours=1)


@dataclass(frozen=True)
class _Kind:
    """One kind of token: its rows that let somebody in, and who asks by the columns of one, as PostgreSQL prints them."""

    rows: Callable[[], Any]
    columns: tuple[Any, ...]
    asker: Callable[[list[str]], Asker]


class UnknownToken(LookupError):
    """A token that lets nobody in, or that does so no more."""


def session_of(authorization: str) -> Asker | None:
    """Who has the session, or the program's key, of an `Authorization: Bearer …` value; None without one (RFC 6750).

    Raises `UnknownToken`.
    """
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    asker = None
    if scheme.lower() == "bearer" and len(token) < _LONGEST_TOKEN:
        asker = _asker_with(token.strip())
    if asker is None:
        raise UnknownToken
    return asker


def _asker_with(token: str) -> Asker | None:
    fact = next((fact for prefix, fact in _PREFIXES.items() if token.startswith(prefix)), "session_id")
    row = _lookup(fact).fetch(Run(None, {"hash": hash_of(token)}))
    return None if row is None else _KINDS[fact].asker(_printed(row))


def current(askers: Iterable[Asker]) -> dict[tuple[str, int], Asker]:
    """Those who are still let in by what let them in, as they are now, by its key."""
    keys: dict[str, set[int]] = defaultdict(set)
    for asker in askers:
        fact, pk = asker.key
        keys[fact].add(pk)
    found = {}
    for fact, pks in keys.items():
        for row in _still(fact).rows(Run(None, {"keys": pks})):
            asker = _KINDS[fact].asker(_printed(row))
            found[asker.key] = asker
    return found


def _of_session(row: list[str]) -> Asker:
    pk, user_id, is_staff, has_blocks, locale, expires_at = row
    standing = Standing(is_staff == "t", has_blocks == "t")
    return Asker(int(pk), int(user_id), standing, locale, expires_at, _user)


def _of_access_token(row: list[str]) -> Asker:
    pk, user_id, is_staff, has_blocks, locale, expires_at, scopes, is_long_unused = row
    if is_long_unused == "t":
        note_use(int(pk))
    standing = Standing(is_staff == "t", has_blocks == "t", frozenset(scopes.split()))
    return Asker(0, int(user_id), standing, locale, expires_at, _user, ("key_id", int(pk)))


def _of_app_token(row: list[str]) -> Asker:
    pk, user_id, is_staff, has_blocks, locale, expires_at, scopes = row
    standing = Standing(is_staff == "t", has_blocks == "t", frozenset(scopes.split()))
    return Asker(0, int(user_id), standing, locale, expires_at, _user, ("app_key_id", int(pk)))


#: By the fact of `RightsLost` that says when one ends.
_KINDS = {
    "session_id": _Kind(Session.objects.all, _COLUMNS, _of_session),
    "key_id": _Kind(
        AccessToken.objects.all,
        (
            *_COLUMNS,
            Sql("array_to_string({0}, ' ')", F("scopes")),
            ExpressionWrapper(
                Q(last_used_at=None) | Q(last_used_at__lt=Now() - _USE_IS_NOTED), BooleanField()
            ),
        ),
        _of_access_token,
    ),
    "app_key_id": _Kind(AppToken.objects.all, (*_COLUMNS[:-1], "expires", "scope"), _of_app_token),
}
_PREFIXES = {KEY_PREFIX: "key_id", TOKEN_PREFIX: "app_key_id"}


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


def _is_one_of(keys: Any) -> Any:
    return Sql("{0} = ANY ({1})", F("pk"), keys, output_field=BooleanField())


def _printed(row: Row) -> list[str]:
    return [str(value or b"", "utf-8") for value in row]


@cache
def _lookup(fact: str) -> Statement:
    """The statement, made once, since every request needs it."""
    slot: Any = Slot(lambda run: run.variables["hash"], "text")
    kind = _KINDS[fact]
    return statement_of(kind.rows().of_hash(slot).order_by().values_list(*kind.columns))


@cache
def _still(fact: str) -> Statement:
    slot: Any = Slot(lambda run: run.variables["keys"], "bigint[]")
    kind = _KINDS[fact]
    return statement_of(kind.rows().current().filter(_is_one_of(slot)).order_by().values_list(*kind.columns))
