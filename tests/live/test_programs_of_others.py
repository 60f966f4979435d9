"""A program that is not ours is let in through a real server, by a stock client of OAuth 2.0, and asks, and is put out."""

import html
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from django.utils import timezone
from oauth2_provider.models import AccessToken, RefreshToken

from backend.accounts.models import User
from backend.applications.models import Application
from tests.asking import operations
from tests.clients import Person, launch_project, sign_up
from tests.serving import LIVE, House, Server
from tests.sockets import Socket

CALLBACK = "https://riego.example/callback"
PASSWORD = "riega-la-huerta"


@dataclass
class Program:
    """One installation of a program of somebody else's, and the browser of the person who uses it."""

    server: Server
    client: OAuth2Session
    browser: httpx.Client
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def question(self, *scopes: str) -> str:
        """Where it sends the person."""
        uri, _ = self.client.create_authorization_url(
            f"{self.server.http}/oauth/authorize", code_verifier=self.verifier, scope=" ".join(scopes)
        )
        return uri

    def fetch(self, answer: str) -> dict[str, Any]:
        """Tokens, for what the person's browser brought back."""
        return self.client.fetch_token(
            f"{self.server.http}/oauth/token", authorization_response=answer, code_verifier=self.verifier
        )

    def refresh(self, token: str) -> dict[str, Any]:
        return self.client.refresh_token(f"{self.server.http}/oauth/token", refresh_token=token)

    def ask(self, operation: str, **variables: Any) -> Any:
        """A question with the token that it has."""
        body = {"query": operations().get(operation, operation), "variables": variables}
        return self.client.post(f"{self.server.http}/graphql", json=body)


def fill_in(page: httpx.Response, **values: str) -> dict[str, str]:
    """What a browser sends when the page's form is filled in."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    return {name: html.unescape(value) for name, value in hidden.items()} | values


def let_in(program: Program, person: Person, question: str, *, answer: str = "allow") -> str:
    """The person's browser follows the question, logs in, and answers; where it is sent then."""
    browser = program.browser
    page = browser.get(question)
    if page.status_code == 303:
        place = f"{program.server.http}{page.headers['Location']}"
        login = browser.get(place)
        assert login.status_code == 200 and 'autocomplete="current-password"' in login.text
        who = {"email": f"{person.handle}@example.org", "password": PASSWORD}
        back = browser.post(place, data=fill_in(login, **who), headers={"Origin": program.server.http})
        assert back.status_code == 303, back.text
        question = f"{program.server.http}{back.headers['Location']}"
        page = browser.get(question)
    assert page.status_code == 200, page.text
    sent = browser.post(question, data=fill_in(page, answer=answer), headers={"Origin": program.server.http})
    assert sent.status_code == 303, sent.text
    return sent.headers["Location"]


@pytest.fixture
def program(house: House) -> Iterator[Program]:
    """A program that keeps no secret, as on a phone."""
    yield from programs(house, client_type="public")


def somebody(server: Server, name: str) -> Person:
    """Who has signed up, and shown that their address is theirs."""
    person = sign_up(server, name)
    User.objects.using(LIVE).filter(pk=person.pk).update(email_verified_at=timezone.now())
    return person


def programs(house: House, **options: str) -> Iterator[Program]:
    client_id, secret = secrets.token_hex(10), secrets.token_hex(20)
    # As staff would: `manage.py createapplication`.
    made = Application(
        client_id=client_id,
        name="Riego",
        redirect_uris=CALLBACK,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        client_secret=secret if options["client_type"] == "confidential" else "",
        **options,
    )
    made.full_clean(exclude=["client_secret"], validate_unique=False, validate_constraints=False)
    made.save(using=LIVE)
    is_public = options["client_type"] == "public"
    client = OAuth2Session(
        client_id=client_id,
        client_secret=None if is_public else secret,
        token_endpoint_auth_method="none" if is_public else "client_secret_basic",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        default_timeout=30,
    )
    client.trust_env = False
    with client, httpx.Client(trust_env=False, timeout=30) as browser:
        yield Program(house.servers[0], client, browser)


def test_a_stranger_s_program_is_let_in_asks_renews_and_is_put_out(house: House, program: Program):
    server = house.servers[0]
    ana = somebody(server, "ana")
    metadata = httpx.get(f"{server.http}/.well-known/oauth-authorization-server", trust_env=False).json()
    assert metadata["authorization_endpoint"] == f"{server.http}/oauth/authorize"
    assert metadata["code_challenge_methods_supported"] == ["S256"]

    back = let_in(program, ana, program.question("read", "account:read"))
    assert back.startswith(f"{CALLBACK}?") and parse_qs(urlsplit(back).query)["iss"] == [server.http]
    first = program.fetch(back)
    assert (first["token_type"], first["expires_in"], first["scope"]) == ("Bearer", 3600, "read account:read")
    assert first["access_token"].startswith("acequia_oat_") and first["refresh_token"].startswith(
        "acequia_ort_"
    )

    # It asks in Ana's name what it was let, and nothing else.
    told = program.ask("query { viewer { user { handle } email } }").json()
    assert told["data"]["viewer"] == {"user": {"handle": ana.handle}, "email": f"{ana.handle}@example.org"}
    told = program.ask("query { viewer { unreadNotificationCount } }").json()
    assert told["errors"][0]["extensions"]["code"] == "INSUFFICIENT_SCOPE"
    told = program.ask("Follow", input={"targetId": ana.id}).json()
    assert told["data"]["follow"]["errors"][0]["code"] == "INSUFFICIENT_SCOPE"
    shown = ana.ask(server, "MyApplications")["viewer"]["authorizedApplications"]
    assert [(each["name"], each["scopes"]) for each in shown] == [("Riego", ["ACCOUNT_READ", "READ"])]

    # A code is good once.
    with pytest.raises(OAuthError, match="invalid_grant"):
        program.fetch(back)

    second = program.refresh(first["refresh_token"])
    assert len({*first.values(), *second.values()} & {first["access_token"], second["access_token"]}) == 2
    assert program.ask("query { viewer { email } }").status_code == 200
    # Somebody has a copy of the first: it ends all that came of it.
    with pytest.raises(OAuthError, match="invalid_grant"):
        program.refresh(first["refresh_token"])
    with pytest.raises(OAuthError, match="invalid_grant"):
        program.refresh(second["refresh_token"])
    program.client.token = second
    assert program.ask("query { viewer { email } }").status_code == 401

    # Ana is asked again, and then puts it out herself.
    third = program.fetch(let_in(program, ana, program.question("read")))
    project = launch_project(server, ana)
    board = ana.do(server, "CreateBoard", projectId=project, title="Spring")["board"]["id"]
    with Socket(server, Person(ana.handle, ana.id, third["access_token"])) as socket:
        socket.subscribe("BoardLive", boardId=board)
        socket.is_alive()
        ana.do(server, "RevokeApplication", authorizedApplicationId=shown[0]["id"])
        begin = time.monotonic()
        assert socket.ending(2) == (4403, "Forbidden")
        assert time.monotonic() - begin < 2
    program.client.token = third
    assert program.ask("query { viewer { email } }").status_code == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        program.refresh(third["refresh_token"])
    assert ana.ask(server, "MyApplications")["viewer"]["authorizedApplications"] == []


def test_a_program_with_a_secret_gives_its_token_back(house: House):
    server = house.servers[0]
    bo = somebody(server, "bo")
    for program in programs(house, client_type="confidential"):
        token = program.fetch(let_in(program, bo, program.question("read")))
        assert program.ask("UserProfile", handle=bo.handle).status_code == 200
        gone = program.client.revoke_token(
            f"{server.http}/oauth/revoke", token["refresh_token"], token_type_hint="refresh_token"
        )
        assert gone.status_code == 200
        program.client.token = token
        assert program.ask("UserProfile", handle=bo.handle).status_code == 401
        with pytest.raises(OAuthError, match="invalid_grant"):
            program.refresh(token["refresh_token"])


def test_who_says_no_gives_nothing(house: House, program: Program):
    bo = somebody(house.servers[0], "bo")
    back = let_in(program, bo, program.question("read"), answer="deny")
    told = parse_qs(urlsplit(back).query)
    assert told["error"] == ["access_denied"] and "code" not in told
    assert not AccessToken.objects.using(LIVE).filter(user_id=bo.pk).exists()
    assert not RefreshToken.objects.using(LIVE).filter(user_id=bo.pk).exists()
