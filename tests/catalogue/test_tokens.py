"""Tokens that let nobody in, and secrets that are nowhere to be found (reliability.md §5, rows 44, 52, 53; U3)."""

import base64
import hmac
import json
from datetime import timedelta

import pyotp
import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken as AppToken
from oauth2_provider.models import RefreshToken
from pytest_django import Settings

from backend.accounts.actions import log_in
from backend.accounts.factors import begin_totp, confirm_totp
from backend.accounts.keys import create_access_token
from backend.accounts.models import AccessToken, Session, User
from backend.accounts.scopes import Scope
from tests.asking import post
from tests.cast import PASSWORD, Cast
from tests.programs import Browser, fetch, refresh
from tests.realtime.conftest import nobody_holds_a_connection  # noqa: F401  # For the tests with a socket.
from tests.realtime.following import apart
from tests.realtime.wires import Wire
from tests.schema.deeds import application

WHO = {"query": "{ viewer { user { handle } } }"}


def of_session(person: User) -> str:
    User.objects.filter(pk=person.pk).update(password=make_password(PASSWORD))
    return log_in(email=person.email, password=PASSWORD)[1]


def of_key(person: User) -> str:
    return create_access_token(by=person, name="Script", scopes=Scope)[1]


def of_program(person: User) -> str:
    program = application()
    return fetch(program, Browser(person).code(program, " ".join(Scope)))[1]["access_token"]


KINDS = {"session": of_session, "key": of_key, "program": of_program}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def quick_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def end(how: str, person: User) -> None:
    """Make all tokens of somebody such as let nobody in."""
    now, past = timezone.now(), timezone.now() - timedelta(days=2)
    if how == "expired":
        Session.objects.update(created_at=past, expires_at=now)
        AccessToken.objects.update(created_at=past, expires_at=now)
        AppToken.objects.update(expires=now)
    elif how == "revoked":
        Session.objects.update(ended_at=now)
        AccessToken.objects.update(revoked_at=now)
        AppToken.objects.all().delete()
    else:
        User.objects.filter(pk=person.pk).update(is_active=False)


@every_kind
@pytest.mark.parametrize("how", ["expired", "revoked", "of somebody banned"])
def test_row_44_a_token_that_has_ended_lets_nobody_in(cast: Cast, kind: str, how: str):
    token = KINDS[kind](cast.ana)
    assert json.loads(post(WHO, token=token).content)["data"] == {"viewer": {"user": {"handle": "ana"}}}
    end(how, cast.ana)
    answer = post(WHO, token=token)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert json.loads(answer.content)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("how", ["expired", "revoked", "of somebody banned"])
async def test_row_44_nor_does_it_open_a_socket(racing_cast: Cast, how: str):
    tokens = await apart(lambda: [make(racing_cast.ana) for make in KINDS.values()])
    for token in tokens:
        async with Wire() as wire:
            await wire.greet(token)
    await apart(lambda: end(how, racing_cast.ana))
    for token in tokens:
        async with Wire() as wire:
            wire.say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
            assert await wire.ending() == (4403, "Forbidden")


async def test_row_44_nor_is_one_read_from_a_socket_s_address(racing_cast: Cast):
    tokens = await apart(lambda: [make(racing_cast.ana) for make in KINDS.values()])
    for token in tokens:
        async with Wire(query=f"token={token}&access_token={token}&Authorization=Bearer%20{token}") as wire:
            await wire.greet()
            wire.subscribe("1", "NotificationsLive")
            assert await wire.refusal("1") == "UNAUTHENTICATED"


@every_kind
@pytest.mark.parametrize("name", ["token", "access_token", "authorization", "Authorization"])
def test_row_44_a_token_in_an_address_is_never_read(cast: Cast, kind: str, name: str):
    """Addresses are written into logs (RFC 9700, 4.3.2)."""
    token = KINDS[kind](cast.ana)
    client = Client(headers={"Apollo-Require-Preflight": "1"})
    told = client.post(f"/graphql?{name}={token}", WHO, content_type="application/json").json()
    assert told["data"] == {"viewer": None}
    told = client.get("/graphql", WHO | {name: token}).json()
    assert told.get("data", {"viewer": None}) == {"viewer": None}
    assert "ana" not in json.dumps(told)


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def jwt(header: dict, claims: dict, key: bytes = b"") -> str:
    """A token as others make them (RFC 7519)."""
    signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(hmac.digest(key, signed.encode(), 'sha256')) if key else ''}"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None", "typ": "JWT"},
        {"alg": "HS256", "typ": "JWT"},
        {"alg": "HS256", "kid": "../../../dev/null"},
        {"alg": "HS256", "kid": "' UNION SELECT 'x"},
        {"alg": "RS256", "jku": "https://evil.example/jwks.json"},
    ],
    ids=lambda header: "-".join(header.values())[:30],
)
@pytest.mark.parametrize("key", [b"", b"secret", b"\0"])
def test_row_52_a_jwt_is_no_token_here(cast: Cast, header: dict, key: bytes, settings: Settings):
    """Tokens are looked up, not believed; so no algorithm, key or claim of theirs is ever read."""
    later = int((timezone.now() + timedelta(days=1)).timestamp())
    claims = {
        "sub": str(cast.ana.pk),
        "user_id": cast.ana.pk,
        "is_staff": True,
        "exp": later,
        "iss": "acequia",
    }
    for changes in ({}, {"exp": 0}):
        for signing_key in (key, settings.SECRET_KEY.encode()):
            answer = post(WHO, token=jwt(header, claims | changes, signing_key))
            assert answer.status_code == 401
            assert json.loads(answer.content)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_row_53_a_refresh_token_used_twice_ends_its_family(cast: Cast):
    program = application()
    _, first = fetch(program, Browser(cast.ana).code(program))
    _, others = fetch(program, Browser(cast.ana).code(program))
    _, second = refresh(program, first["refresh_token"])
    _, third = refresh(program, second["refresh_token"])
    assert post(WHO, token=third["access_token"]).status_code == 200

    assert refresh(program, first["refresh_token"]) == (400, {"error": "invalid_grant"})

    for tokens in (first, second, third):
        assert post(WHO, token=tokens["access_token"]).status_code == 401
        assert refresh(program, tokens["refresh_token"]) == (400, {"error": "invalid_grant"})
    # What the person let in by another consent is another family.
    assert post(WHO, token=others["access_token"]).status_code == 200
    assert RefreshToken.objects.filter(revoked=None).count() == 1


def test_no_secret_stands_in_any_table(cast: Cast):
    """U3: 300 tokens, codes and secrets are made, and none is found in a text of every row of every table."""
    canaries: list[str] = []
    program = application(client_type="confidential", client_secret="canary-" + "s" * 40)
    canaries += ["canary-" + "s" * 40, PASSWORD]
    for person in (cast.ana, cast.bo, cast.cy, cast.sol):
        canaries += [of_session(person) for _ in range(10)]
        canaries += [of_key(person) for _ in range(10)]
        secret, _ = begin_totp(by=person, password=PASSWORD)
        canaries += [secret, *confirm_totp(by=person, code=pyotp.TOTP(secret).now())]
        public = application()
        browser = Browser(person)
        for _ in range(9):
            code = browser.code(public)
            _, tokens = fetch(public, code)
            _, again = refresh(public, tokens["refresh_token"])
            canaries += [code, tokens["access_token"], tokens["refresh_token"]]
            canaries += [again["access_token"], again["refresh_token"]]
        canaries.append(browser.code(program))
    assert len(set(canaries)) == len(canaries) >= 300

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(table_name) FROM information_schema.tables"
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        text = ""
        for table in tables:
            cursor.execute(f"SELECT string_agg(row::text, ' ') FROM {table} row")  # noqa: S608
            text += cursor.fetchone()[0] or ""
    assert len(tables) > 30
    # The control: what is not secret is found.
    assert "ana@example.org" in text and program.client_id in text
    found = [each for each in canaries if each in text or each.rsplit("_", 1)[-1].replace("-", "") in text]
    assert found == []
