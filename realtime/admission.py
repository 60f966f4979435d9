"""Whose page may open a connection that stays, and what it says of who comes."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from django.conf import settings

from realtime.outlets import Scope

#: Holds the token of a page's session, for pages that must not read it themselves.
COOKIE = "acequia_session"


def may_enter(scope: Scope) -> bool:
    """Whether its origin is allowed: scheme, host and port of the page, as a whole.

    A program that is no browser sends none, and no cookie either: a browser sends both, wherever its page is from.
    """
    origin = header(scope, b"origin")
    if origin is None:
        return not _cookie(scope)
    if origin in settings.ALLOWED_ORIGINS:
        return True
    try:
        return settings.DEVELOPMENT and urlsplit(origin).hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        return False


def token_of(scope: Scope) -> str:
    """The `Authorization` that the connection itself brings: its header's, or that of its cookie."""
    cookie = _cookie(scope)
    return f"Bearer {cookie}" if cookie else ""


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that name."""
    return next((value.decode("latin-1") for each, value in scope["headers"] if each == name), None)


def _cookie(scope: Scope) -> str:
    try:
        found = SimpleCookie(header(scope, b"cookie") or "").get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
