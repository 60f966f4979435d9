"""The second factor, as clients switch it on and use it."""

import pyotp
import pytest
from pytest_django import Settings

from tests.asking import ask, problems, untouched
from tests.cast import PASSWORD, Cast
from tests.schema.deeds import confirm_totp, log_in


@pytest.fixture(autouse=True)
def quick_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_it_is_switched_on_used_and_switched_off(cast: Cast):
    right = log_in(cast).input
    begun = ask("BeginTotp", cast.ana, input={"password": PASSWORD})["data"]["beginTotp"]
    app = pyotp.parse_uri(begun["uri"])
    assert app.secret == begun["secret"]
    assert ask("MySecondFactor", cast.ana)["data"]["viewer"] == {
        "twoFactorEnabled": False,
        "recoveryCodesLeft": 0,
    }
    codes = ask("ConfirmTotp", cast.ana, input={"code": app.now()})["data"]["confirmTotp"]["recoveryCodes"]
    assert len(codes) == 10
    assert ask("MySecondFactor", cast.ana)["data"]["viewer"] == {
        "twoFactorEnabled": True,
        "recoveryCodesLeft": 10,
    }

    with untouched():
        answer = ask("LogIn", input=right)
    assert problems(answer) == [("ONE_TIME_CODE_REQUIRED", "oneTimeCode")]
    assert answer["data"]["logIn"]["session"] is None
    assert problems(ask("LogIn", input=right | {"oneTimeCode": "x"})) == [
        ("ONE_TIME_CODE_WRONG", "oneTimeCode")
    ]
    wrong = right | {"password": "riega-la-huerto", "oneTimeCode": codes[0]}
    assert problems(ask("LogIn", input=wrong)) == [("WRONG_CREDENTIALS", None)]
    session = ask("LogIn", input=right | {"oneTimeCode": codes[0]})["data"]["logIn"]["session"]
    assert session["viewer"]["user"]["handle"] == "ana"
    assert ask("MySecondFactor", cast.ana)["data"]["viewer"]["recoveryCodesLeft"] == 9

    new = ask("RegenerateRecoveryCodes", cast.ana, input={"code": codes[1]})
    new = new["data"]["regenerateRecoveryCodes"]["recoveryCodes"]
    assert problems(ask("DisableTotp", cast.ana, input={"password": PASSWORD, "code": new[0]})) == []
    assert ask("MySecondFactor", cast.ana)["data"]["viewer"] == {
        "twoFactorEnabled": False,
        "recoveryCodesLeft": 0,
    }
    assert problems(ask("LogIn", input=right)) == []


def test_others_have_none_of_it(cast: Cast):
    confirm_totp(cast).ask("ConfirmTotp")
    assert ask("MySecondFactor", cast.bo)["data"]["viewer"] == {
        "twoFactorEnabled": False,
        "recoveryCodesLeft": 0,
    }


@pytest.mark.parametrize("code", ["", "000000", "\u202e123456", "9" * 40_000, "' OR 1=1 --"])
def test_a_code_that_is_none_changes_nothing(cast: Cast, code: str):
    deed = confirm_totp(cast)
    with untouched():
        assert problems(ask("ConfirmTotp", deed.by, input={"code": code})) == [
            ("ONE_TIME_CODE_WRONG", "code")
        ]
