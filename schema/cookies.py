"""A session whose token is in a cookie, for pages that must not be able to read it themselves."""

from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie

from django.conf import settings

#: Holds the token. Its prefix, on a server, keeps hosts beside ours from writing it (RFC 6265bis, 4.1.3.2).
COOKIE: str = settings.TOKEN_COOKIE


def token_in(cookies: str) -> str:
    """The token of a `Cookie` header; empty without one."""
    if COOKIE not in cookies:
        return ""
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def keeping(token: str, until: datetime) -> str:
    """The `Set-Cookie` that gives a browser the token of a session, for as long as it lasts."""
    return _written(token, max(0, int((until - datetime.now(UTC)).total_seconds())))


def forgetting() -> str:
    """The `Set-Cookie` that takes it away again."""
    return _written("", 0)


def _written(value: str, seconds: int) -> str:
    secure = "" if settings.DEVELOPMENT else "; Secure"
    return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
