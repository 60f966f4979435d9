"""The second factor: an app's codes, each good once, and recovery codes."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from backend.accounts.actions import WrongCredentials, log_in
from backend.accounts.factors import (
    MOST_GUESSES,
    OneTimeCodeRequired,
    OneTimeCodeWrong,
    TooManyGuesses,
    TwoFactorDisabled,
    TwoFactorEnabled,
    begin_totp,
    confirm_totp,
    demand_second_factor,
    disable_totp,
    regenerate_recovery_codes,
)
from backend.accounts.models import RecoveryCode, Session, Totp, User
from backend.accounts.passwords import PasswordWrong
from tests.cast import PASSWORD, Cast
from tests.races import race
from tests.snapshots import refused, snapshot


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It stands, in the middle of a step: no code changes while a test looks at it."""
    with time_machine.travel(int(time.time()) // 30 * 30 + 15, tick=False) as clock:
        yield clock


def with_password(person: User) -> User:
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def ana(cast: Cast, quick_hashing: None) -> User:
    return with_password(cast.ana)


@pytest.fixture
def racing_ana(racing_cast: Cast, quick_hashing: None) -> User:
    return with_password(racing_cast.ana)


def switch_on(person: User) -> tuple[pyotp.TOTP, list[str]]:
    """Their app, and their recovery codes; the code of this step is spent, those of the next are not."""
    app = pyotp.TOTP(begin_totp(by=person, password=PASSWORD)[0])
    return app, confirm_totp(by=person, code=shown(app, -1))


def shown(app: pyotp.TOTP, steps: int = 0) -> str:
    """What it shows so many steps from now."""
    return app.at(int(time.time()) + 30 * steps)


def enter(person: User, code: str = "") -> Session:
    return log_in(email=person.email, password=PASSWORD, one_time_code=code)[0]


def wrong(app: pyotp.TOTP) -> str:
    """Six digits that are right at no moment near this one."""
    near = {shown(app, step) for step in range(-5, 6)}
    return next(code for code in ("000000", "111111", "222222") if code not in near)


def test_it_is_on_once_the_app_has_shown_a_code(ana: User):
    secret, uri = begin_totp(by=ana, password=PASSWORD)
    assert re.fullmatch("[A-Z2-7]{32}", secret)
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == (
        "otpauth",
        "totp",
        "/Acequia:ana@example.org",
    )
    assert parse_qs(parts.query) == {"secret": [secret], "issuer": ["Acequia"]}
    # Not yet: whoever never scans it is not locked out.
    assert enter(ana).user == ana

    codes = confirm_totp(by=ana, code=pyotp.TOTP(secret).now())
    assert len(set(codes)) == 10 and all(re.fullmatch("([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
    with refused(OneTimeCodeRequired, "oneTimeCode"):
        enter(ana)


def test_neither_secret_nor_recovery_codes_are_in_any_table(ana: User):
    app, codes = switch_on(ana)
    rows = " ".join(row for _, row in snapshot())
    assert app.secret not in rows
    assert not [code for code in codes if code in rows or code.replace("-", "") in rows]


def test_a_begun_one_may_be_begun_anew_and_a_confirmed_one_not(ana: User):
    first, _ = begin_totp(by=ana, password=PASSWORD)
    second, _ = begin_totp(by=ana, password=PASSWORD)
    with refused(OneTimeCodeWrong, "code"):
        confirm_totp(by=ana, code=pyotp.TOTP(first).now())
    confirm_totp(by=ana, code=pyotp.TOTP(second).now())
    with refused(TwoFactorEnabled):
        begin_totp(by=ana, password=PASSWORD)
    with refused(TwoFactorEnabled):
        confirm_totp(by=ana, code=pyotp.TOTP(second).now())


def test_it_takes_the_password_to_begin(ana: User):
    for guess in ("", "riega-la-huerto", PASSWORD + " ", "x" * 100_000, "\ud800"):
        with refused(PasswordWrong, "password"):
            begin_totp(by=ana, password=guess)
    with refused(TwoFactorDisabled):
        confirm_totp(by=ana, code="000000")


def test_only_who_knows_the_password_learns_that_there_is_a_second_factor(ana: User):
    app, codes = switch_on(ana)
    for code in ("", app.now(), codes[0], "000000"):
        with refused(WrongCredentials):
            log_in(email=ana.email, password="riega-la-huerto", one_time_code=code)
    assert enter(ana, app.now()).user == ana
    assert enter(ana, codes[0]).user == ana


def test_a_code_is_good_once_and_none_before_it(ana: User, clock: time_machine.Traveller):
    app, _ = switch_on(ana)
    code = app.now()
    enter(ana, f" {code} ")
    with pytest.raises(OneTimeCodeWrong):
        enter(ana, code)
    clock.shift(30)
    with pytest.raises(OneTimeCodeWrong):
        enter(ana, code)
    enter(ana, app.now())
    with pytest.raises(OneTimeCodeWrong):
        enter(ana, code)


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_wrong_by_half_a_minute(
    ana: User, clock: time_machine.Traveller, steps: int, is_right: bool
):
    app, _ = switch_on(ana)
    clock.shift(300)
    code = shown(app, steps)
    if is_right:
        assert enter(ana, code).user == ana
    else:
        with pytest.raises(OneTimeCodeWrong):
            enter(ana, code)


@pytest.mark.parametrize(
    "code",
    [
        "12345",
        "1234567",
        "١٢٣٤٥٦",
        "１２３４５６",
        "-00001",
        "\ud800",
        "\0" * 6,
        "x" * 100_000,
        " " * 6,
        "0x1234",
    ],
)
def test_what_is_no_code_is_wrong(ana: User, code: str):
    switch_on(ana)
    with pytest.raises(OneTimeCodeWrong):
        enter(ana, code)


def test_the_codes_are_those_of_the_rfc(ana: User, clock: time_machine.Traveller):
    """RFC 6238, Appendix B, SHA-1, the last six digits."""
    from backend.core.seals import seal

    Totp.objects.create(
        user=ana, sealed_secret=seal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), confirmed_at=timezone.now()
    )
    for seconds, code in (
        (59, "287082"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (20000000000, "353130"),
    ):
        clock.move_to(seconds)
        Totp.objects.update(guesses=0)
        demand_second_factor(user=ana, code=code)


def test_of_many_log_ins_with_one_code_one_gets_in(racing_ana: User):
    app, _ = switch_on(racing_ana)
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        code = app.now()
        came_out = race(lambda _: enter(racing_ana, code), range(5))
    assert sorted(came_out) == ["OneTimeCodeWrong"] * 4 + ["Session"]
    assert Session.objects.filter(user=racing_ana).count() == 1


def test_of_many_log_ins_with_one_recovery_code_one_gets_in(racing_ana: User):
    _, codes = switch_on(racing_ana)
    came_out = race(lambda _: enter(racing_ana, codes[3]), range(8))
    assert sorted(came_out) == ["OneTimeCodeWrong"] * 7 + ["Session"]
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


def test_a_recovery_code_is_good_once_however_it_is_written(ana: User, cast: Cast):
    _, codes = switch_on(ana)
    _, bos = switch_on(with_password(cast.bo))
    enter(ana, codes[0].upper())
    enter(ana, f" {codes[1].replace('-', ' ')} ")
    for code in (codes[0], codes[1].replace("-", ""), bos[0], codes[2][:-1], "-" * 19, "a" * 16):
        with pytest.raises(OneTimeCodeWrong):
            enter(ana, code)
    assert RecoveryCode.objects.filter(user=ana, used_at=None).count() == 8


def test_five_wrong_codes_and_no_more_are_looked_at_for_a_while(ana: User, clock: time_machine.Traveller):
    app, codes = switch_on(ana)
    for _ in range(MOST_GUESSES):
        with pytest.raises(OneTimeCodeWrong):
            enter(ana, wrong(app))
    # The right one too: else guessing would go on.
    with refused(TooManyGuesses, "oneTimeCode"):
        enter(ana, app.now())
    # Nobody locks the owner out: what cannot be guessed is not counted.
    enter(ana, codes[0])
    # PostgreSQL has a clock of its own.
    Totp.objects.update(guessing_since=timezone.now().replace(year=2000))
    enter(ana, app.now())
    assert Totp.objects.get().guesses == 0


def test_whoever_logs_in_while_the_key_is_replaced_needs_the_old_one_no_more(
    ana: User, clock: time_machine.Traveller, settings: Settings
):
    app, _ = switch_on(ana)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-" + "k" * 60, [settings.SECRET_KEY]
    enter(ana, app.now())
    settings.SECRET_KEY_FALLBACKS = []
    clock.shift(60)
    assert enter(ana, app.now()).user == ana


def test_a_right_code_begins_the_count_anew(ana: User, clock: time_machine.Traveller):
    app, _ = switch_on(ana)
    for _ in range(3):
        for _ in range(MOST_GUESSES - 1):
            with pytest.raises(OneTimeCodeWrong):
                enter(ana, wrong(app))
        clock.shift(60)
        enter(ana, app.now())


def test_of_many_guesses_at_once_five_are_looked_at(racing_ana: User):
    app, _ = switch_on(racing_ana)
    came_out = race(lambda code: enter(racing_ana, code), [wrong(app)] * 12)
    assert sorted(came_out) == ["OneTimeCodeWrong"] * MOST_GUESSES + ["TooManyGuesses"] * 7


def test_it_is_not_asked_inside_a_transaction_that_may_be_undone(racing_ana: User):
    app, _ = switch_on(racing_ana)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        demand_second_factor(user=racing_ana, code=wrong(app))


def test_who_was_banned_or_changed_the_password_meanwhile_is_not_let_in(racing_ana: User, monkeypatch):
    """Between the look at the password and the session."""
    from backend.accounts import actions

    for change in ({"password": "md5$x$y"}, {"is_active": False}):
        with_password(racing_ana)

        def meanwhile(**_: object) -> None:
            User.objects.filter(pk=racing_ana.pk).update(**change)  # noqa: B023

        monkeypatch.setattr(actions, "demand_second_factor", meanwhile)
        with pytest.raises(WrongCredentials):
            enter(racing_ana)
    assert Session.objects.count() == 0


def test_it_is_switched_off_with_password_and_code(ana: User):
    app, codes = switch_on(ana)
    with refused(PasswordWrong, "password"):
        disable_totp(by=ana, password="riega-la-huerto", code=app.now())
    with refused(OneTimeCodeRequired, "code"):
        disable_totp(by=ana, password=PASSWORD, code="")
    with pytest.raises(OneTimeCodeWrong):
        disable_totp(by=ana, password=PASSWORD, code=wrong(app))
    disable_totp(by=ana, password=PASSWORD, code=codes[0])
    assert (Totp.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert enter(ana).user == ana
    with refused(TwoFactorDisabled):
        disable_totp(by=ana, password=PASSWORD, code=app.now())


def test_new_recovery_codes_take_the_place_of_the_old(ana: User):
    app, old = switch_on(ana)
    enter(ana, old[0])
    with refused(OneTimeCodeRequired, "code"):
        regenerate_recovery_codes(by=ana, code="")
    new = regenerate_recovery_codes(by=ana, code=app.now())
    assert len(set(new) | set(old)) == 20
    for code in old:
        with pytest.raises(OneTimeCodeWrong):
            enter(ana, code)
    enter(ana, new[9])
    disable_totp(by=ana, password=PASSWORD, code=new[0])
    with refused(TwoFactorDisabled):
        regenerate_recovery_codes(by=ana, code=app.now())


def test_two_who_confirm_at_once_make_one_set_of_codes(racing_ana: User):
    secret, _ = begin_totp(by=racing_ana, password=PASSWORD)
    code = pyotp.TOTP(secret).now()
    came_out = race(lambda _: confirm_totp(by=racing_ana, code=code), range(3))
    assert sorted(came_out) == ["TwoFactorEnabled"] * 2 + ["list"]
    assert RecoveryCode.objects.count() == 10
