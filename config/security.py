"""What a server must be before it lets anybody in, and where somebody who has found a hole in it may say so."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseError
from django.db import connections
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from backend.accounts.models import User
from backend.accounts.passwords import nobodys_password
from schema.opendata.role import DATABASE
from social.demo.people import LOGINS, PASSWORD, address

#: Staff whose passwords are tried; hashing one takes some 50 ms.
_TRIED = 50


def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a hole (RFC 9116); 404 where nobody has said where."""
    if not settings.SECURITY_CONTACT:
        return HttpResponseNotFound()
    lines = {
        "Contact": settings.SECURITY_CONTACT,
        # Less than a year ahead, as the RFC wants it; the server that answers is proof that it still holds.
        "Expires": (datetime.now(UTC) + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z"),
        "Canonical": f"{settings.SITE_URL}/.well-known/security.txt",
        "Preferred-Languages": ", ".join(code for code, _ in settings.LANGUAGES),
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def people_whom_everybody_knows() -> list[str]:
    """The handles of those who get in with the password that README tells."""
    known = Q(email__in=map(address, LOGINS)) | Q(is_staff=True) | Q(is_superuser=True)
    asked = User.objects.filter(known, is_active=True).order_by("pk")[:_TRIED]
    return [user.handle for user in asked if check_password(PASSWORD, user.password)]


def before_serving() -> None:
    """What a server does first, on a connection that it gives back. Raises `SystemExit`."""
    nobodys_password()
    if not settings.DEVELOPMENT:
        try:
            refuse_known_passwords()
        finally:
            connections.close_all()


def refuse_known_passwords() -> None:
    """`SystemExit` with one sentence where a server's database has an account of the demo; a developer's may."""
    if settings.DEVELOPMENT:
        return
    try:
        known = people_whom_everybody_knows()
    except DatabaseError:
        # It is away, or there are no tables yet: whoever cannot ask lets nobody in either.
        return
    if known:
        names = ", ".join(f"@{handle}" for handle in known)
        raise SystemExit(
            f"DATABASE_URL: {names} can log in with the demo's password; change it, or use another database"
        )


@register(Tags.database)
def accounts_of_the_demo(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """`manage.py check --deploy --database default`: nobody has a password that is written in README."""
    if settings.DEVELOPMENT or not databases:
        return []
    return [
        Error(f"@{handle} can log in with the demo's password.", id="acequia.E001")
        for handle in people_whom_everybody_knows()
    ]


@register(Tags.security, deploy=True)
def cookies_over_tls(**_: Any) -> list[CheckMessage]:
    """What Django's own checks leave out: the cookies' other halves, and what the door relies on."""
    wanted = {
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SAMESITE": "Lax",
        "TOKEN_COOKIE": "__Host-acequia_session",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "DEVELOPMENT": False,
    }
    said: list[CheckMessage] = [
        Error(f"{name} must be {value!r} on a server.", id="acequia.E002")
        for name, value in wanted.items()
        if getattr(settings, name, None) != value
    ]
    if not settings.RATE_LIMITS:
        said.append(Error("RATE_LIMITS must not be 0 on a server.", id="acequia.E003"))
    return said


@register(Tags.security, deploy=True)
def wires_are_encrypted(**_: Any) -> list[CheckMessage]:
    """PostgreSQL, Redis and mail on another machine are spoken to over TLS."""
    database, redis = settings.DATABASES["default"], urlsplit(settings.REDIS_URL)
    said: list[CheckMessage] = []
    mode = database.get("OPTIONS", {}).get("sslmode", "prefer")
    if not _is_here(database.get("HOST", "")) and mode not in ("require", "verify-ca", "verify-full"):
        said.append(
            Warning(
                "PostgreSQL is on another machine, and TLS is not insisted on.",
                hint="End DATABASE_URL with ?sslmode=verify-full.",
                id="acequia.W001",
            )
        )
    if redis.scheme == "redis" and not _is_here(redis.hostname or ""):
        said.append(
            Warning(
                "Redis is on another machine, and is spoken to without TLS.",
                hint="Let REDIS_URL start with rediss://.",
                id="acequia.W002",
            )
        )
    if redis.scheme == "rediss" and "none" in parse_qs(redis.query).get("ssl_cert_reqs", []):
        said.append(Warning("Redis's certificate is not looked at.", id="acequia.W003"))
    if not _is_here(getattr(settings, "EMAIL_HOST", "")) and not (
        settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    ):
        said.append(
            Warning(
                "Letters are sent to another machine without TLS, and some hold a way in.",
                hint="Let EMAIL_URL start with smtp+tls:// or smtp+ssl://.",
                id="acequia.W004",
            )
        )
    return said


def _is_here(host: str) -> bool:
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@register(Tags.database)
def open_data_can_be_read(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """`manage.py check --database opendata`: the role that reads for the world is there, and may read the views."""
    if DATABASE not in (databases or ()):
        return []
    try:
        with connections[DATABASE].cursor() as cursor:
            cursor.execute("SELECT 1 FROM opendata_tag LIMIT 1")
    except DatabaseError:
        said = f"Open data is shut: {settings.OPENDATA_ROLE} is not there, or may not read its views."
        return [Warning(said, hint="manage.py grant_open_data", id="acequia.W005")]
    return []
