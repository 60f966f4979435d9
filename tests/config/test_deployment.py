"""A server that is not safe is told so before it lets anybody in (O1): by Django's checks, by ours, and by its start."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import Tags, run_checks
from django.test import Client
from pytest_django import Settings

from backend.accounts.models import User
from config.security import (
    accounts_of_the_demo,
    before_serving,
    people_whom_everybody_knows,
    refuse_known_passwords,
)
from social.demo.people import PASSWORD
from tests.cast import Cast
from tests.config.test_environment import ROOT, SAFE

#: Over the tests' own, which are a developer's.
PRODUCTION: dict[str, Any] = {
    "DEVELOPMENT": False,
    "RATE_LIMITS": 1,
    "TOKEN_COOKIE": "__Host-acequia_session",
    "SECRET_KEY": SAFE["SECRET_KEY"],
    "ALLOWED_HOSTS": ["acequia.example.org"],
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 365 * 24 * 3600,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
}


@pytest.fixture
def production(settings: Settings) -> Settings:
    """The settings of a server, in this process."""
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)
    return settings


def manage(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` on a server, beside the tests' own database and Redis."""
    ours = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL")}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**SAFE, **ours, **changes},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_safe_server_passes_every_check_there_is():
    checked = manage("check", "--deploy", "--fail-level", "INFO")
    assert (checked.returncode, checked.stderr) == (0, "")
    # Silenced is auth.W004: addresses are unique among those that can log in.
    assert checked.stdout == "System check identified no issues (1 silenced).\n"


def test_wires_without_tls_are_warned_of():
    checked = manage(
        "check", "--deploy", "--fail-level", "INFO", **{k: SAFE[k] for k in ("DATABASE_URL", "REDIS_URL")}
    )
    assert checked.returncode == 1
    assert "acequia.W001" in checked.stderr and "acequia.W002" in checked.stderr
    tls = {
        "DATABASE_URL": f"{SAFE['DATABASE_URL']}?sslmode=verify-full",
        "REDIS_URL": SAFE["REDIS_URL"].replace("redis:", "rediss:", 1),
    }
    assert manage("check", "--deploy", "--fail-level", "INFO", **tls).returncode == 0


def problems() -> set[str]:
    return {each.id for each in run_checks(tags=[Tags.security], include_deployment_checks=True)}


#: Each as somebody could have it who edits settings.py, and who says no.
UNSAFE: list[tuple[str, Any, str]] = [
    ("DEBUG", True, "security.W018"),
    ("SECRET_KEY", "short", "security.W009"),
    ("SECRET_KEY", "django-insecure-" + "k3J9xQ2mZ7" * 5, "security.W009"),
    ("ALLOWED_HOSTS", [], "security.W020"),
    ("SESSION_COOKIE_SECURE", False, "security.W012"),
    ("SESSION_COOKIE_HTTPONLY", False, "acequia.E002"),
    ("SESSION_COOKIE_SAMESITE", "None", "acequia.E002"),
    ("CSRF_COOKIE_SECURE", False, "security.W016"),
    ("CSRF_COOKIE_HTTPONLY", False, "acequia.E002"),
    ("CSRF_COOKIE_SAMESITE", None, "acequia.E002"),
    ("TOKEN_COOKIE", "acequia_session", "acequia.E002"),
    ("SECURE_SSL_REDIRECT", False, "security.W008"),
    ("SECURE_HSTS_SECONDS", 0, "security.W004"),
    ("SECURE_HSTS_INCLUDE_SUBDOMAINS", False, "security.W005"),
    ("SECURE_HSTS_PRELOAD", False, "security.W021"),
    ("SECURE_CONTENT_TYPE_NOSNIFF", False, "security.W006"),
    ("SECURE_CONTENT_TYPE_NOSNIFF", False, "acequia.E002"),
    ("SECURE_REFERRER_POLICY", None, "security.W022"),
    ("SECURE_REFERRER_POLICY", "send-it-all", "security.E023"),
    ("SECURE_CROSS_ORIGIN_OPENER_POLICY", "none-such", "security.E024"),
    ("SECURE_PROXY_SSL_HEADER", None, "acequia.E002"),
    ("SECURE_PROXY_SSL_HEADER", ("HTTP_X_ANYTHING", "on"), "acequia.E002"),
    ("X_FRAME_OPTIONS", "SAMEORIGIN", "security.W019"),
    ("MIDDLEWARE", "django.middleware.security.SecurityMiddleware", "security.W001"),
    ("MIDDLEWARE", "django.middleware.clickjacking.XFrameOptionsMiddleware", "security.W002"),
    ("MIDDLEWARE", "django.middleware.csrf.CsrfViewMiddleware", "security.W003"),
    ("CSRF_FAILURE_VIEW", "no.such.view", "security.E102"),
    ("REDIS_URL", "redis://redis.example.org/0", "acequia.W002"),
    ("REDIS_URL", "rediss://redis.example.org/0?ssl_cert_reqs=none", "acequia.W003"),
    ("RATE_LIMITS", 0, "acequia.E003"),
    ("EMAIL_HOST", "mail.example.org", "acequia.W004"),
    ("DEVELOPMENT", True, "acequia.E002"),
]


@pytest.mark.parametrize(("name", "value", "problem"), UNSAFE)
def test_each_unsafe_setting_is_refused(production: Settings, name: str, value: Any, problem: str):
    assert problems() == set()
    if name == "MIDDLEWARE":
        value = [each for each in django_settings.MIDDLEWARE if each != value]
    setattr(production, name, value)
    assert problem in problems()


def test_there_are_at_least_twenty_five():
    assert len(UNSAFE) >= 25


@pytest.mark.parametrize("who", ["a person of the demo", "staff", "a superuser"])
def test_whoever_has_the_demos_password_keeps_a_server_from_starting(
    cast: Cast, production: Settings, who: str
):
    assert people_whom_everybody_knows() == []
    person = {"a person of the demo": cast.ana, "staff": cast.sol, "a superuser": cast.cy}[who]
    person.set_password(PASSWORD)
    person.is_superuser = who == "a superuser"
    person.save()

    with pytest.raises(SystemExit) as refusal:
        refuse_known_passwords()
    assert str(refusal.value).startswith(f"DATABASE_URL: @{person.handle} can log in")
    (error,) = accounts_of_the_demo(databases=["default"])
    assert (error.id, error.msg) == ("acequia.E001", f"@{person.handle} can log in with the demo's password.")
    assert accounts_of_the_demo() == []

    # Not who is shut out already, nor on a developer's machine.
    User.objects.filter(pk=person.pk).update(is_active=False)
    refuse_known_passwords()
    User.objects.filter(pk=person.pk).update(is_active=True)
    production.DEVELOPMENT = True
    before_serving()
    assert accounts_of_the_demo(databases=["default"]) == []


def test_a_person_with_a_password_of_their_own_is_nobodys_business(cast: Cast, production: Settings):
    for person in (cast.ana, cast.sol):
        person.set_password("something-else-entirely")
        person.save()
    assert people_whom_everybody_knows() == []


@pytest.mark.parametrize("module", ["config.wsgi", "config.asgi"])
def test_a_server_asks_before_it_serves(module: str):
    """The start of each of the two, with a database in which nobody is: it asks, and is content."""
    seen = (
        "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; django.setup();"
        " import config.security as s; asked = [];"
        " s.people_whom_everybody_knows = lambda: asked.append(1) or ['ana'];"
        f" import {module}"
    )
    environment = {**SAFE, **{name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL")}}
    started = subprocess.run(
        [sys.executable, "-c", seen],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (started.returncode, started.stdout) == (1, "")
    assert started.stderr.splitlines()[-1].startswith(
        "DATABASE_URL: @ana can log in with the demo's password"
    )


def test_security_txt_says_where_a_hole_may_be_reported(db: None, settings: Settings):
    assert Client().get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    settings.SITE_URL = "https://acequia.example.org"

    response = Client().get("/.well-known/security.txt")
    said = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert said["Contact"] == "mailto:security@example.org"
    assert said["Canonical"] == "https://acequia.example.org/.well-known/security.txt"
    ahead = datetime.fromisoformat(said["Expires"]) - datetime.now(UTC)
    assert timedelta(days=90) < ahead < timedelta(days=365)


def test_every_page_says_what_a_browser_may_do_with_it(db: None):
    response = Client().get("/admin/login/")
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == response["Cross-Origin-Opener-Policy"] == "same-origin"
