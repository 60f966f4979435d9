"""A program of somebody else's and a browser, inside the test's own process: what `config.oauth` answers them."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from backend.accounts.models import User
from backend.applications.models import Application
from tests.asking import token_of

CALLBACK = "https://riego.example/cb"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@dataclass
class Browser:
    """In which somebody may be logged in."""

    person: User | None = None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def __post_init__(self) -> None:
        if self.person:
            self.client.cookies[settings.TOKEN_COOKIE] = token_of(self.person)

    def ask(self, application: Application, **changes: Any) -> HttpResponse:
        """The page on which it is asked."""
        return self.client.get(question(application, **changes))

    def answer(self, application: Application, answer: str = "allow", **changes: Any) -> HttpResponse:
        """What is answered to them there."""
        return self.client.post(question(application, **changes), {"answer": answer})

    def code(self, application: Application, scope: str = "read") -> str:
        """A code for the program."""
        answered = self.answer(application, scope=scope)
        assert answered.status_code == 303, answered.content.decode()
        return told(answered)["code"]


def question(application: Application, **changes: Any) -> str:
    """Where a program sends somebody; what is changed to None is left out."""
    asked = {
        "client_id": application.client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "read",
        "state": "xyz",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    asked = {name: value for name, value in (asked | changes).items() if value is not None}
    return f"/oauth/authorize?{urlencode(asked)}"


def told(answered: HttpResponse) -> dict[str, str]:
    """What the program is told by the address that the browser is sent to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answered["Location"]).query).items()}


def fetch(application: Application, code: str, /, **changes: Any) -> tuple[int, dict[str, Any]]:
    """Tokens for a code."""
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return send(application, asked | {"code_verifier": VERIFIER} | changes)


def refresh(application: Application, token: str, /, **changes: Any) -> tuple[int, dict[str, Any]]:
    """New tokens for a refresh token."""
    return send(application, {"grant_type": "refresh_token", "refresh_token": token} | changes)


def send(application: Application, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """What a program that keeps no secret is answered to a form; what is None is left out."""
    asked = {"client_id": application.client_id} | asked
    body = {name: value for name, value in asked.items() if value is not None}
    answered = Client(raise_request_exception=False).post("/oauth/token", body)
    return answered.status_code, json.loads(answered.content)
