"""Whose page may open a connection that stays, and what it says of who comes."""

from realtime.outlets import Scope
from schema.cookies import token_in
from schema.origins import is_allowed


def may_enter(scope: Scope) -> bool:
    """Whether its origin is allowed: scheme, host and port of the page, as a whole.

    A program that is no browser sends none, and no cookie either: a browser sends both, wherever its page is from.
    """
    origin = header(scope, b"origin")
    return is_allowed(origin) if origin is not None else not _cookie(scope)


def token_of(scope: Scope) -> str:
    """The `Authorization` that the connection itself brings: its header's, or that of its cookie."""
    cookie = _cookie(scope)
    return f"Bearer {cookie}" if cookie else ""


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that name."""
    return next((value.decode("latin-1") for each, value in scope["headers"] if each == name), None)


def _cookie(scope: Scope) -> str:
    return token_in(header(scope, b"cookie") or "")
