"""Whose pages a browser lets in: the origins that are listed, and how they are told so (Fetch, the CORS protocol)."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings

Headers = Sequence[tuple[str, str]]

#: What a page may read of an answer besides its body.
_EXPOSED = "Retry-After, X-Request-Id"
#: What a page may send besides what every form can.
_TAKEN = (
    "Accept, Authorization, Content-Type, Last-Event-ID, X-Request-Id, X-Requested-With, "
    "Acequia-Session, Apollo-Require-Preflight"
)
#: Seconds for which a browser need not ask again; none keeps it for longer.
_KEPT = "7200"
#: An answer to one origin is not one to another.
VARIES: Headers = [("Vary", "Accept, Origin")]


def is_allowed(origin: str) -> bool:
    """Whether it is listed: scheme, host and port of the page, as a whole. In development this machine's own are too."""
    if origin in settings.ALLOWED_ORIGINS:
        return True
    try:
        return settings.DEVELOPMENT and urlsplit(origin).hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        return False


def shared_with(origin: str) -> Headers:
    """What lets the page read the answer, with its cookie sent; nothing for one that is not listed, and never `*`."""
    if not origin or not is_allowed(origin):
        return []
    return [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", _EXPOSED),
    ]


def preflight(origin: str, methods: str) -> Headers:
    """What a browser is answered that asks first whether the page may ask."""
    shared = shared_with(origin)
    if not shared:
        return VARIES
    return [
        *VARIES,
        *shared[:2],
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", _TAKEN),
        ("Access-Control-Max-Age", _KEPT),
    ]
