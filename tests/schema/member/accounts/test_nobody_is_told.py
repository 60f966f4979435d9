"""No door tells whether an address is somebody's: the same bytes, the same statements, the same hashes."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from backend.accounts.hashers import NormalisingArgon2
from backend.accounts.models import User
from schema.devices import device_of
from tests.asking import ask, problems, statements
from tests.cast import PASSWORD, Cast, person
from tests.limiting import limited  # noqa: F401

pytestmark = pytest.mark.usefixtures("jobs")

#: An owner; two who only say so; who has left; who was imported; nobody.
ADDRESSES = [
    "ana@example.org",
    "two@example.org",
    "left@example.org",
    "julieta@example.org",
    "nobody@example.org",
]


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is hashed, by the kind of work."""
    done: list[str] = []
    work: dict[str, Callable[..., Any]] = {
        name: getattr(NormalisingArgon2, name) for name in ("encode", "verify")
    }

    def counted(name: str) -> Callable[..., Any]:
        def count(self: NormalisingArgon2, *arguments: str) -> Any:
            done.append(name)
            return work[name](self, *arguments)

        return count

    for name in work:
        monkeypatch.setattr(NormalisingArgon2, name, counted(name))
    return done


@pytest.fixture
def people(cast: Cast) -> Cast:
    stored = make_password(PASSWORD)
    User.objects.filter(pk__in=[cast.ana.pk, cast.cy.pk]).update(password=stored)
    for handle in ("two-a", "two-b"):
        person(handle, email="two@example.org", email_verified_at=None)
    person("left", is_active=False)
    person("julieta", email_verified_at=None, imported_from="goteo:julieta")
    User.objects.exclude(password=stored).filter(handle__in=["two-a", "left"]).update(password=stored)
    User.objects.filter(handle="julieta").update(password=make_password(None))
    return cast


def shape(sql: str) -> str:
    """A statement without its values."""
    return re.sub(r"'(?:[^']|'')*'(?:::\w+)?|\b\d+\b", "?", sql)


def alike(
    hashes: list[str], act: Callable[[str], dict[str, Any]]
) -> tuple[set[str], set[tuple[str, ...]], set[int]]:
    """What was answered, which statements ran, and how much was hashed, over all addresses."""
    told, ran, hashed = set(), set(), set()
    for email in ADDRESSES:
        hashes.clear()
        with statements() as said:
            answer = act(email)
        told.add(json.dumps(answer).replace(email, "<email>"))
        ran.add(tuple(map(shape, said)))
        hashed.add(len(hashes))
    return told, ran, hashed


def test_who_signs_up(people: Cast, hashes: list[str]):
    number = iter(range(10))

    def act(email: str) -> dict[str, Any]:
        facts = {"handle": f"new{next(number)}", "email": email, "displayName": "New", "password": PASSWORD}
        answer = ask("SignUp", input=facts)
        session = answer["data"]["signUp"]["session"]
        assert len(session.pop("token")) == 72 and session.pop("expiresAt")
        session["viewer"]["user"].pop("id")
        assert session["viewer"]["user"].pop("handle") == facts["handle"]
        return answer

    told, ran, hashed = alike(hashes, act)
    assert told == {
        json.dumps(
            {
                "data": {
                    "signUp": {
                        "session": {
                            "viewer": {
                                "user": {"displayName": "New"},
                                "email": "<email>",
                                "emailVerified": False,
                                "unreadNotificationCount": 0,
                            }
                        },
                        "errors": [],
                    }
                }
            }
        )
    }
    assert len(ran) == 1
    assert hashed == {1}


def test_who_signs_up_with_a_handle_that_is_taken(people: Cast, hashes: list[str]):
    facts = {"handle": "bo", "displayName": "New", "password": PASSWORD}
    told, ran, hashed = alike(hashes, lambda email: ask("SignUp", input=facts | {"email": email}))
    assert (len(told), len(ran), hashed) == (1, 1, {1})
    assert "HANDLE_TAKEN" in str(told)


def test_who_has_forgotten_their_password(people: Cast, hashes: list[str]):
    told, ran, hashed = alike(hashes, lambda email: ask("RequestPasswordReset", input={"email": email}))
    assert told == {'{"data": {"requestPasswordReset": {"errors": []}}}'}
    assert [len(each) for each in ran] == [3]
    assert hashed == {0}


def test_who_does_not_know_the_password(people: Cast, hashes: list[str]):
    told, ran, hashed = alike(
        hashes, lambda email: ask("LogIn", input={"email": email, "password": "not that one"})
    )
    assert (len(told), [len(each) for each in ran], hashed) == (1, [1], {1})


def test_who_knows_the_password_of_an_account_that_does_not_own_its_address(people: Cast, hashes: list[str]):
    wrong = [email for email in ADDRESSES if email != "ana@example.org"]
    told = {json.dumps(ask("LogIn", input={"email": email, "password": PASSWORD})) for email in wrong}
    assert len(told) == 1 and "WRONG_CREDENTIALS" in str(told)


def test_who_wants_to_change_to_it(people: Cast, hashes: list[str]):
    def act(email: str) -> dict[str, Any]:
        return ask("RequestEmailChange", people.cy, input={"newEmail": email, "password": PASSWORD})

    # Its first question makes a session of the test's own.
    act("first@example.org")
    told, ran, hashed = alike(hashes, act)
    assert told == {'{"data": {"requestEmailChange": {"errors": []}}}'}
    assert (len(ran), hashed) == (1, {1})


def test_a_door_that_asked_first_would_be_seen(people: Cast, hashes: list[str]):
    """The control: one statement more where somebody owns the address."""

    def act(email: str) -> dict[str, Any]:
        if User.objects.owning(email).exists():
            User.objects.owning(email).count()
        return {}

    assert len(alike(hashes, act)[1]) == 2


def test_who_asks_for_too_many_letters(people: Cast, limited: object):  # noqa: F811
    """Three an hour for an address, whether it is somebody's or not; five for who asks for their own."""

    def codes(email: str) -> list[list[str]]:
        return [
            [code for code, _ in problems(ask("RequestPasswordReset", input={"email": email}))]
            for _ in range(4)
        ]

    assert {str(codes(email)) for email in ADDRESSES} == {str([[], [], [], ["RATE_LIMITED"]])}
    own = [problems(ask("RequestEmailVerification", people.bo)) for _ in range(6)]
    assert own == [[]] * 5 + [[("RATE_LIMITED", None)]]


def test_who_tries_too_many_passwords_of_their_own_account(people: Cast, limited: object):  # noqa: F811
    """A session that was stolen is no way to guess the password: five for an address, ten in all."""
    guess = {"newEmail": "cy@example.net", "password": "not that one"}
    tried = [problems(ask("RequestEmailChange", people.cy, input=guess)) for _ in range(6)]
    assert tried == [[("WRONG_CREDENTIALS", "password")]] * 5 + [[("RATE_LIMITED", None)]]
    guess = {"currentPassword": "not that one", "newPassword": "la-balsa-esta-llena"}
    tried = [problems(ask("ChangePassword", people.cy, input=guess)) for _ in range(6)]
    assert tried == [[("WRONG_CREDENTIALS", "currentPassword")]] * 5 + [[("RATE_LIMITED", None)]]


def test_who_signs_up_with_somebodys_address_gets_no_guesses_at_their_password(people: Cast):
    """A device that an account knows has guesses of its own; that of a stranger must not become one."""
    document = "mutation($input: SignUpInput!) { signUp(input: $input) { session { deviceToken } } }"
    facts = {"handle": "mallory", "email": "ana@example.org", "displayName": "M", "password": PASSWORD}
    of_stranger = ask(document, input=facts)["data"]["signUp"]["session"]["deviceToken"]
    document = "mutation($input: LogInInput!) { logIn(input: $input) { session { deviceToken } } }"
    asked = {"email": "ana@example.org", "password": PASSWORD}
    of_owner = ask(document, input=asked)["data"]["logIn"]["session"]["deviceToken"]
    assert device_of(of_stranger, email="ana@example.org") is None
    assert device_of(of_owner, email="ana@example.org") is not None
