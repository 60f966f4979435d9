"""The HTTP door alone, for a WSGI server: a tenth of what Django's ASGI handler costs.

A plain question to `/graphql` or `/open-data/graphql` is answered here, before Django makes a request object of it and runs
its middleware: that took as long as the rest of a small page. Whatever is not plain, another method or address, a body
without a length or too long, a host that is not ours, HTTP where it must be HTTPS, goes to Django, whose rules it breaks.
"""

import gc
import os
from collections.abc import Iterable
from functools import cache, lru_cache
from http.client import responses
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Before anything that touches a model: this fills Django's registry.
house = get_wsgi_application()

from django.conf import settings  # noqa: E402
from django.db import close_old_connections  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.http.request import split_domain_port, validate_host  # noqa: E402
from django.middleware.security import SecurityMiddleware  # noqa: E402

from config.door import OPEN_DATA, PATH  # noqa: E402
from config.security import before_serving  # noqa: E402
from schema import questions  # noqa: E402
from schema.opendata import door  # noqa: E402
from schema.requests import LARGEST_BODY  # noqa: E402

before_serving()
# What is loaded stays: looking through it each time that garbage is collected took as long as ten documents.
gc.collect()
gc.freeze()

Environ = dict[str, Any]
_DOORS = {PATH: questions.replied, OPEN_DATA: door.replied}
#: Digits of the length of a body that is read here.
_DIGITS = len(str(LARGEST_BODY))


def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
    """Answers one request (PEP 3333)."""
    replied = _DOORS.get(environ["PATH_INFO"])
    length = environ.get("CONTENT_LENGTH") or ""
    if environ["REQUEST_METHOD"] == "GET" and replied is door.replied:
        # Whoever reads open data again asks by GET; a body would be somebody's mistake.
        length = length or "0"
    elif environ["REQUEST_METHOD"] != "POST":
        replied = None
    if replied is None or not (
        length.isdecimal()
        and len(length) <= _DIGITS
        and int(length) <= LARGEST_BODY
        and _is_ours(environ.get("HTTP_HOST", ""))
        and (_is_secure(environ) or not settings.SECURE_SSL_REDIRECT)
    ):
        return house(environ, start_response)
    close_old_connections()
    try:
        reply = replied(environ, environ["wsgi.input"].read(int(length)))
    finally:
        close_old_connections()
    headers = [*reply.headers, ("Content-Length", str(len(reply.body))), *_security(_is_secure(environ))]
    start_response(f"{reply.status} {responses[reply.status]}", headers)
    return [reply.body]


@lru_cache(maxsize=256)
def _is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    # What is asked at the host of files is Django's to refuse.
    return bool(domain) and domain != settings.MEDIA_HOST and validate_host(domain, settings.ALLOWED_HOSTS)


def _is_secure(environ: Environ) -> bool:
    name, value = settings.SECURE_PROXY_SSL_HEADER
    said = environ.get(name)
    if said is None:
        return bool(environ["wsgi.url_scheme"] == "https")
    return bool(said.split(",")[0].strip() == value)


@cache
def _security(is_secure: bool) -> list[tuple[str, str]]:
    """What Django's own middleware says to every response."""
    request = HttpRequest()
    name, value = settings.SECURE_PROXY_SSL_HEADER
    request.META = {"SERVER_NAME": "", "SERVER_PORT": "", name: value if is_secure else "http"}
    plain = HttpResponse()
    before = set(plain.headers)
    said = SecurityMiddleware(lambda request: plain).process_response(request, plain)
    return [(header, text) for header, text in said.items() if header not in before]
