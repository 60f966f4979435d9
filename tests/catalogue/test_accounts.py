"""The bad-input catalogue, accounts: rows 47 to 51 (52 to 55 are told beside tokens, follows and limits)."""

import json
import time
from statistics import median

import pytest

from backend.accounts.models import User
from tests.asking import ask, problems, untouched
from tests.cast import PASSWORD, Cast
from tests.schema.deeds import sign_up

pytestmark = pytest.mark.usefixtures("quick_hashes", "jobs")


@pytest.fixture
def quick_hashes(settings) -> None:
    """So that what is not the hash would be seen in the time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def refusals(cast: Cast, field: str, values: list[str]) -> set[tuple]:
    """How signing up is answered with each of these, and that nothing was written."""
    with untouched():
        found = [problems(sign_up(cast).ask("SignUp", **{field: value})) for value in values]
    return {refusal for each in found for refusal in (each or [("DONE", None)])}


def test_row_47_a_known_and_an_unknown_address_are_answered_with_the_same_bytes_in_the_same_time(cast: Cast):
    """Byte by byte and statement by statement: tests/schema/member/accounts/test_nobody_is_told.py."""
    seconds: dict[str, list[float]] = {"ana@example.org": [], "nobody@example.org": []}
    told: dict[str, set[str]] = {"reset": set(), "signup": set()}
    for number in range(30):
        for email, took in seconds.items():
            began = time.perf_counter()
            told["reset"].add(json.dumps(ask("RequestPasswordReset", input={"email": email})))
            facts = {
                "handle": f"new{number}-{len(email)}",
                "email": email,
                "displayName": "New",
                "password": PASSWORD,
            }
            answer = ask("SignUp", input=facts)
            took.append(time.perf_counter() - began)
            session = answer["data"]["signUp"]["session"]
            for own in (
                session["token"],
                session["expiresAt"],
                session["viewer"]["user"]["id"],
                facts["handle"],
                email,
            ):
                answer = json.loads(json.dumps(answer).replace(own, "…"))
            told["signup"].add(json.dumps(answer))
    assert {door: len(answers) for door, answers in told.items()} == {"reset": 1, "signup": 1}
    known, unknown = map(median, seconds.values())
    assert abs(known - unknown) < 0.25 * max(known, unknown)


def test_row_48_addresses_have_one_spelling_and_nothing_else_in_them(cast: Cast):
    wrong = ["mıke@example.org", "a@x.org\nBcc: b@x.org", "a@x.org\nBcc:", "a" * 400, "a" * 390 + "@x.org"]
    assert refusals(cast, "email", wrong) == {("VALIDATION", "email")}
    assert problems(sign_up(cast).ask("SignUp", email="ＡＢＣ@x.org")) == []
    assert User.objects.get(handle="dai").email == "abc@x.org"


def test_row_49_handles_are_of_one_script_and_not_reserved(cast: Cast):
    wrong = ["a\u202eb", "a\u200bb", "аdmin", "admin", "null", "🐝" * 1_000, "d" * 31]
    assert refusals(cast, "handle", wrong) == {("VALIDATION", "handle")}


def test_row_50_a_letter_of_a_name_carries_two_marks_at_most(cast: Cast):
    assert refusals(cast, "displayName", ["Z" + "\u0335\u0321" * 100]) == {("VALIDATION", "displayName")}


def test_row_51_a_password_is_short_enough_to_be_hashed_and_not_to_be_guessed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("backend.accounts.actions.make_password", None)
    wrong = ["x" * 257, "x" * 60_000, "password123", "dai@example.org", "acequia2026", "short"]
    assert refusals(cast, "password", wrong) == {("VALIDATION", "password")}
    # What no text may hold, and what no body may, end at the door.
    with untouched():
        answers = [sign_up(cast).ask("SignUp", password=each) for each in ("\0" * 1_000, "x" * 1_000_000)]
    assert [set(answer) for answer in answers] == [{"errors"}] * 2
    assert answers[0]["errors"][0]["extensions"]["code"] == "VALIDATION"
