"""My address, my password and my sessions, as a client asks for them."""

import json

import pytest

from backend.accounts.models import Session, User
from schema.ids import to_global_id
from tests.asking import ask, id_of, post, problems, token_of, untouched
from tests.cast import PASSWORD, Cast
from tests.letters import deliver, proof_for, proofs_in
from tests.schema.deeds import DEEDS, NEW_PASSWORD, log_in, sign_up

pytestmark = pytest.mark.usefixtures("quick_hashes", "jobs")


@pytest.fixture
def quick_hashes(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def as_token(token: str, document: str, **variables: object) -> dict:
    answer = json.loads(post({"query": document, "variables": variables}, token=token).content)
    answer.pop("extensions", None)
    return answer


def test_from_signing_up_to_logging_in_again(cast: Cast):
    sign_up(cast).ask("SignUp")
    dai = User.objects.get(handle="dai")
    deliver()
    assert problems(ask("RequestEmailVerification", dai)) == []

    answer = ask("VerifyEmail", dai, input={"token": proof_for()})

    assert answer["data"]["verifyEmail"] == {
        "viewer": {
            "user": {"id": id_of(dai), "handle": "dai", "displayName": "Dai"},
            "email": "dai@example.org",
            "emailVerified": True,
            "unreadNotificationCount": 0,
        },
        "errors": [],
    }
    logged_in = ask("LogIn", input={"email": "dai@example.org", "password": PASSWORD})
    assert logged_in["data"]["logIn"]["session"]["viewer"]["emailVerified"] is True


def test_who_has_forgotten_a_password_comes_in_by_a_letter(cast: Cast):
    old = token_of(cast.ana)
    ask("RequestPasswordReset", input={"email": "ana@example.org"})
    (letter,) = deliver()

    answer = ask("ResetPassword", input={"token": proofs_in(letter.body)[0], "newPassword": NEW_PASSWORD})

    session = answer["data"]["resetPassword"]["session"]
    assert session["viewer"]["user"]["handle"] == "ana"
    assert as_token(session["token"], "{ viewer { email } }") == {
        "data": {"viewer": {"email": "ana@example.org"}}
    }
    assert post({"query": "{ viewer { email } }"}, token=old).status_code == 401
    logged_in = ask("LogIn", input={"email": "ana@example.org", "password": NEW_PASSWORD})
    assert problems(logged_in) == []


PROVEN = ("VerifyEmail", "ConfirmEmailChange", "ResetPassword")


@pytest.mark.parametrize("name", PROVEN)
def test_every_word_that_is_no_proof_is_answered_alike(cast: Cast, name: str):
    of_something_else = [DEEDS[other](cast).input["token"] for other in PROVEN if other != name]
    deed = DEEDS[name](cast)
    right = deed.input["token"]
    wrong = ["", "x", right[:-1], right + "x", "é", "7.a.b", "." * 300, *of_something_else]
    with untouched():
        told = {json.dumps(deed.ask(name, token=token)) for token in wrong}
    assert len(told) == 1
    assert problems(json.loads(told.pop())) == [("TOKEN_INVALID", "token")]


def test_who_changes_their_password_keeps_the_one_session(cast: Cast):
    log_in(cast)
    elsewhere = ask("LogIn", input={"email": "ana@example.org", "password": PASSWORD})["data"]["logIn"][
        "session"
    ]["token"]
    asked = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}

    (session,) = ask("ChangePassword", cast.ana, input=asked)["data"]["changePassword"]["viewer"]["sessions"]

    assert session["current"] is True
    assert post({"query": "{ viewer { email } }"}, token=elsewhere).status_code == 401
    assert problems(ask("ChangePassword", cast.ana, input=asked)) == [
        ("WRONG_CREDENTIALS", "currentPassword")
    ]
    weak = {"currentPassword": NEW_PASSWORD, "newPassword": "password123"}
    assert problems(ask("ChangePassword", cast.ana, input=weak)) == [("VALIDATION", "newPassword")]


def test_who_ends_a_session_is_told_which_and_it_is_out(cast: Cast):
    log_in(cast)
    elsewhere = ask("LogIn", input={"email": "ana@example.org", "password": PASSWORD})["data"]["logIn"][
        "session"
    ]["token"]
    id = to_global_id("ActiveSession", Session.objects.of_token(elsewhere).get().pk)

    answers = [ask("EndSession", cast.ana, input={"sessionId": id}) for _ in range(2)]

    assert answers == [{"data": {"endSession": {"endedId": id, "errors": []}}}] * 2
    assert post({"query": "{ viewer { email } }"}, token=elsewhere).status_code == 401
    (left,) = ask("Me", cast.ana)["data"]["viewer"]["sessions"]
    assert left["current"] is True
    assert problems(ask("EndSession", cast.bo, input={"sessionId": left["id"]})) == [("NOT_FOUND", None)]


def test_who_ends_the_session_that_asks_is_logged_out(cast: Cast):
    token = token_of(cast.ana)
    id = to_global_id("ActiveSession", Session.objects.of_token(token).get().pk)
    document = "mutation($i: EndSessionInput!) { endSession(input: $i) { endedId } endOtherSessions { errors { code } } }"
    answer = as_token(token, document, i={"sessionId": id})
    assert answer["data"] == {
        "endSession": {"endedId": id},
        "endOtherSessions": {"errors": [{"code": "UNAUTHENTICATED"}]},
    }
    assert post({"query": "{ viewer { email } }"}, token=token).status_code == 401


def test_who_ends_all_others_is_alone(cast: Cast):
    log_in(cast)
    for _ in range(3):
        ask("LogIn", input={"email": "ana@example.org", "password": PASSWORD})
    answer = ask("EndOtherSessions", cast.ana)
    assert [each["current"] for each in answer["data"]["endOtherSessions"]["viewer"]["sessions"]] == [True]


def test_who_changes_their_address(cast: Cast):
    log_in(cast)
    asked = {"newEmail": "ana@example.net", "password": PASSWORD}
    assert problems(ask("RequestEmailChange", cast.ana, input=asked | {"password": "no"})) == [
        ("WRONG_CREDENTIALS", "password")
    ]
    assert problems(ask("RequestEmailChange", cast.ana, input=asked | {"newEmail": "no"})) == [
        ("VALIDATION", "newEmail")
    ]
    assert ask("RequestEmailChange", cast.ana, input=asked) == {
        "data": {"requestEmailChange": {"errors": []}}
    }
    link, _ = deliver()
    answer = ask("ConfirmEmailChange", cast.ana, input={"token": proofs_in(link.body)[0]})
    assert answer["data"]["confirmEmailChange"] == {
        "viewer": {
            "user": {"id": id_of(cast.ana), "handle": "ana"},
            "email": "ana@example.net",
            "emailVerified": True,
        },
        "errors": [],
    }
