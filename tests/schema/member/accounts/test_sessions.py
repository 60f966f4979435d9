"""Signing up, in and out."""

import json
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from backend.accounts.actions import WrongCredentials
from backend.accounts.models import Session, User
from tests.asking import answered, ask, id_of, post, problems, token_of, untouched
from tests.cast import PASSWORD, Cast
from tests.schema.deeds import DEEDS, log_in, sign_up


@pytest.fixture
def quick_hashes(settings) -> None:
    """A password costs a tenth of a second, as it must; not where a dozen are tried."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_who_signs_up_is_let_in_at_once(db: None):
    facts = {"handle": " Dai ", "email": "Dai@Example.org", "displayName": " Dai  Lewis", "locale": "ca"}
    session = ask("SignUp", input=facts | {"password": PASSWORD})["data"]["signUp"]["session"]

    dai = User.objects.get(handle="dai")
    ends = datetime.fromisoformat(session.pop("expiresAt"))
    assert timedelta(days=29) < ends - timezone.now() <= timedelta(days=30)
    token = session.pop("token")
    assert token.startswith("acequia_") and len(token) == 8 + 64
    assert session == {
        "viewer": {
            "user": {"id": id_of(dai), "handle": "dai", "displayName": "Dai Lewis"},
            "email": "dai@example.org",
            "emailVerified": False,
            "unreadNotificationCount": 0,
        }
    }
    me = answered(post({"query": "{ viewer { email locale } }"}, token=token))
    assert me == {"data": {"viewer": {"email": "dai@example.org", "locale": "ca"}}}


def test_who_comes_back_is_let_in_again(cast: Cast):
    deed = log_in(cast)
    payload = ask("LogIn", input=deed.input | {"email": "ANA@example.org"})["data"]["logIn"]

    assert payload["session"]["viewer"] == {
        "user": {"id": id_of(cast.ana), "handle": "ana", "displayName": "Ana"},
        "email": "ana@example.org",
        "emailVerified": True,
        "unreadNotificationCount": 0,
    }
    assert payload["errors"] == []
    assert Session.objects.of_token(payload["session"]["token"]).get().user == cast.ana


def test_an_unknown_address_a_wrong_password_and_somebody_who_left_are_one(cast: Cast, quick_hashes: None):
    right = {"email": "ana@example.org", "password": PASSWORD}
    User.objects.filter(handle__in=["ana", "bo"]).update(password=make_password(PASSWORD))
    User.objects.filter(handle="bo").update(is_active=False)
    assert problems(ask("LogIn", input=right)) == []
    wrong = [
        *({"password": "not that one"}, {"password": ""}, {"password": PASSWORD + "x" * 1_000}),
        *({"email": "bo@example.org"}, {"email": "cy@example.org"}, {"email": "nobody@example.org"}),
        *({"email": ""}, {"email": "not an address"}, {"email": "ana@example.org\nx"}),
    ]
    with untouched():
        answers = {json.dumps(ask("LogIn", input=right | each)) for each in wrong}

    refusal = {
        "code": "WRONG_CREDENTIALS",
        "message": WrongCredentials.message,
        "field": None,
    }
    assert answers == {json.dumps({"data": {"logIn": {"session": None, "errors": [refusal]}}})}


def test_who_logs_out_is_out_with_this_client_alone(cast: Cast):
    token = token_of(cast.ana)
    other = Session.objects.create(
        user=cast.ana, token_hash="x", expires_at=timezone.now() + timedelta(days=1)
    )

    assert ask("LogOut", cast.ana) == {"data": {"logOut": {"errors": []}}}

    assert post({"query": "{ viewer { email } }"}, token=token).status_code == 401
    assert list(Session.objects.current().filter(user=cast.ana)) == [other]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"handle": "ana"}, ("HANDLE_TAKEN", "handle")),
        ({"handle": "ANA"}, ("HANDLE_TAKEN", "handle")),
        # Other letters that look the same.
        ({"email": "mıke@example.org"}, ("VALIDATION", "email")),
        ({"email": "аna@example.org"}, ("VALIDATION", "email")),
        *(
            ({"email": email}, ("VALIDATION", "email"))
            for email in ("", "a", "a@", "@b.org", "a b@c.org", "a@b")
        ),
        ({"email": "a@x.org\nBcc: b@x.org"}, ("VALIDATION", "email")),
        ({"email": "a" * 390 + "@x.org"}, ("VALIDATION", "email")),
        *(
            ({"handle": handle}, ("VALIDATION", "handle"))
            for handle in ("", "a", "a" * 31, "-a", "a-", "a b", "a.b")
        ),
        *(
            ({"handle": handle}, ("VALIDATION", "handle"))
            for handle in ("admin", "Null", "me", "staff", "goteo")
        ),
        *(
            ({"handle": handle}, ("VALIDATION", "handle"))
            for handle in ("аdmin", "a\u202eb", "a\u200bb", "🐝" * 1_000)
        ),
        *(
            ({"displayName": name}, ("VALIDATION", "displayName"))
            for name in ("", "   ", "a" * 61, "a\u202eb")
        ),
        ({"displayName": "Z" + "\u0335\u0321" * 100}, ("VALIDATION", "displayName")),
        *(
            ({"locale": locale}, ("VALIDATION", "locale"))
            for locale in ("", "english", "EN", "en_US", "en-us", "xx-")
        ),
        *(
            ({"password": word}, ("VALIDATION", "password"))
            for word in ("", "short", "password123", "a" * 257)
        ),
        ({"password": "dai@example.org"}, ("VALIDATION", "password")),
        ({"password": "a" * 50_000}, ("VALIDATION", "password")),
    ],
)
def test_what_no_account_is_made_of(cast: Cast, quick_hashes: None, changes: dict[str, str], problem: tuple):
    with untouched():
        answer = sign_up(cast).ask("SignUp", **changes)
    assert (problems(answer), answer["data"]["signUp"]["session"]) == ([problem], None)


def test_what_a_password_may_be(cast: Cast, quick_hashes: None):
    for number, password in enumerate(
        ("ten of them", "пароль для огорода", "🐝" * 12, " spaces at both ends ", "a b" * 80)
    ):
        facts = {"handle": f"dai{number}", "email": f"dai{number}@example.org"}
        assert problems(sign_up(cast).ask("SignUp", **facts, password=password)) == []
        User.objects.filter(handle=facts["handle"]).update(email_verified_at=timezone.now())
        logged_in = ask("LogIn", input={"email": facts["email"], "password": password})
        assert problems(logged_in) == []


def test_a_client_is_known_by_what_it_calls_itself(cast: Cast, quick_hashes: None):
    deed = DEEDS["SignUp"](cast)
    body = {"query": "mutation($i: SignUpInput!) { signUp(input: $i) { session { token } } }"}
    agent = "Riego/1.0 \r\n[ERROR]\x1b[31m " + "x" * 500
    Client().post(
        "/graphql",
        body | {"variables": {"i": deed.input}},
        content_type="application/json",
        headers={"User-Agent": agent},
    )

    stored = Session.objects.get(user__handle="dai").user_agent
    assert stored.startswith("Riego/1.0 [ERROR][31m xxx")
    assert len(stored) <= 200
