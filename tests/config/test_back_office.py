"""Staff come into the back office as they come in everywhere: with their second factor, where they have one."""

import pyotp
import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from backend.accounts.factors import begin_totp, confirm_totp
from backend.accounts.models import Totp, User
from tests.cast import PASSWORD, Cast


@pytest.fixture
def codes(racing_cast: Cast) -> list[str]:
    """The recovery codes of Sol, who has a second factor."""
    User.objects.filter(pk=racing_cast.sol.pk).update(is_superuser=True, password=make_password(PASSWORD))
    secret, _ = begin_totp(by=racing_cast.sol, password=PASSWORD)
    return confirm_totp(by=racing_cast.sol, code=pyotp.TOTP(secret).now())


def come_in(code: str = "", password: str = PASSWORD) -> tuple[int, str]:
    form = {"username": "sol@example.org", "password": password, "one_time_code": code, "next": "/admin/"}
    client = Client()
    answer = client.post("/admin/login/", form)
    return client.get("/admin/").status_code, answer.content.decode()


def test_a_password_alone_lets_nobody_in_who_has_a_second_factor(codes: list[str]):
    status, page = come_in()
    assert status == 302 and "Send a code of your authenticator app, or a recovery code." in page
    status, page = come_in("000000")
    assert status == 302 and "This code is not right, or not any more: send the next one." in page
    assert Totp.objects.get().guesses == 1


def test_each_code_lets_in_once(codes: list[str]):
    assert come_in(codes[0])[0] == 200
    assert come_in(codes[0])[0] == 302
    assert come_in(codes[1])[0] == 200


def test_whoever_has_the_password_wrong_is_asked_for_no_code(codes: list[str]):
    status, page = come_in(codes[0], password="not-this-one")
    assert status == 302 and "authenticator app, or a recovery code." not in page
    assert come_in(codes[0])[0] == 200, "the code was not spent"
