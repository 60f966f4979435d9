"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for whoever has lost it."""

import re
import secrets
import time
from base64 import b32encode
from datetime import timedelta

import pyotp
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from pyotp.utils import strings_equal

from backend.accounts.models import RecoveryCode, Totp, User, hash_of
from backend.accounts.passwords import demand_password
from backend.core.refusals import NotFound, Refusal
from backend.core.seals import seal, unseal

#: Who an authenticator app says that a code is for.
ISSUER = "Acequia"
#: Seconds that a code stands for; one step more to each side is taken too, for clocks that are not right.
STEP, DRIFT = 30, 1
#: Codes of an app that may be tried within `GUESSING` and be wrong. Those that are right are 3 of a million at any moment.
MOST_GUESSES, GUESSING = 5, timedelta(minutes=15)
RECOVERY_CODES = 10


class OneTimeCodeRequired(Refusal):
    """Everything else was right: said to nobody who does not know the password."""

    code = "ONE_TIME_CODE_REQUIRED"
    message = "Send a code of your authenticator app, or a recovery code."

    def __init__(self, field: str = "oneTimeCode") -> None:
        super().__init__(field=field)


class OneTimeCodeWrong(Refusal):
    """It is wrong, it was used already, or it is of another time."""

    code = "ONE_TIME_CODE_WRONG"
    message = "This code is not right, or not any more: send the next one."

    def __init__(self, field: str = "oneTimeCode") -> None:
        super().__init__(field=field)


class TooManyGuesses(Refusal):
    code = "RATE_LIMITED"
    message = "Too many codes were wrong: wait for 15 minutes, or send a recovery code."

    def __init__(self, field: str = "oneTimeCode") -> None:
        super().__init__(field=field)


class TwoFactorEnabled(Refusal):
    code = "TWO_FACTOR_ENABLED"
    message = "The second factor is on already: switch it off first."


class TwoFactorDisabled(Refusal):
    code = "TWO_FACTOR_DISABLED"
    message = "The second factor is not on: begin with `beginTotp`."


def demand_second_factor(*, user: User, code: str, field: str = "oneTimeCode") -> None:
    """Whoever has a second factor shows it, after all else was right; a code is spent by it, and a wrong one is counted.

    Called before the transaction of the action that it guards, and refuses to be called inside: what is counted must stay
    when the action is refused. Raises `OneTimeCodeRequired`, `OneTimeCodeWrong`, `TooManyGuesses`.
    """
    totp = Totp.objects.filter(user_id=user.pk, confirmed_at__isnull=False).first()
    if totp is None:
        return
    if not code:
        raise OneTimeCodeRequired(field)
    if _looks_like_recovery(code):
        if not _spend_recovery_code(totp, code):
            raise OneTimeCodeWrong(field)
        return
    if not _take_guess(totp):
        raise TooManyGuesses(field)
    if not _spend(totp, code):
        raise OneTimeCodeWrong(field)


def begin_totp(*, by: User, password: str) -> tuple[str, str]:
    """A new secret for an authenticator app, and the same as an `otpauth:` address (Google's key URI format).

    It counts once `confirm_totp` has seen a code of it. Raises `PasswordWrong`, `TwoFactorEnabled`.
    """
    demand_password(user=by, password=password)
    secret = pyotp.random_base32()
    user = _begin(by, seal(secret))
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


@transaction.atomic(durable=True)
def confirm_totp(*, by: User, code: str) -> list[str]:
    """From now on a code is asked for at each log-in; answers the recovery codes, which exist nowhere else.

    Raises `OneTimeCodeWrong`, `TwoFactorEnabled`, `TwoFactorDisabled`.
    """
    totp = _locked(by)
    if totp is None:
        raise TwoFactorDisabled
    if totp.confirmed_at is not None:
        raise TwoFactorEnabled
    if not _spend(totp, code):
        raise OneTimeCodeWrong("code")
    Totp.objects.filter(pk=totp.pk).update(confirmed_at=timezone.now())
    return _new_recovery_codes(by)


def disable_totp(*, by: User, password: str, code: str) -> None:
    """A password is enough again. Raises `PasswordWrong`, `TwoFactorDisabled` and what `demand_second_factor` does."""
    demand_password(user=by, password=password)
    demand_second_factor(user=by, code=code, field="code")
    _disable(by)


def regenerate_recovery_codes(*, by: User, code: str) -> list[str]:
    """New recovery codes in place of the old. Raises `TwoFactorDisabled` and what `demand_second_factor` does."""
    demand_second_factor(user=by, code=code, field="code")
    return _regenerate(by)


@transaction.atomic(durable=True)
def _begin(by: User, sealed: str) -> User:
    totp = _locked(by)
    if totp is not None and totp.confirmed_at is not None:
        raise TwoFactorEnabled
    Totp.objects.update_or_create(user_id=by.pk, defaults={"sealed_secret": sealed, "last_step": 0})
    return User.objects.get(pk=by.pk)


@transaction.atomic(durable=True)
def _disable(by: User) -> None:
    totp = _locked(by)
    if totp is None or totp.confirmed_at is None:
        raise TwoFactorDisabled
    RecoveryCode.objects.filter(user_id=by.pk).delete()
    totp.delete()


@transaction.atomic(durable=True)
def _regenerate(by: User) -> list[str]:
    totp = _locked(by)
    if totp is None or totp.confirmed_at is None:
        raise TwoFactorDisabled
    return _new_recovery_codes(by)


def _locked(by: User) -> Totp | None:
    # The person's row, because there may be no other to lock yet.
    if not User.objects.select_for_update(no_key=True).filter(pk=by.pk, is_active=True).exists():
        raise NotFound
    return Totp.objects.filter(user_id=by.pk).first()


def _new_recovery_codes(by: User) -> list[str]:
    # 80 random bits, in letters and digits that are not taken for one another (RFC 4648): one SHA-256 cannot be searched.
    plain = [b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user_id=by.pk).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=by.pk, code_hash=hash_of(f"{by.pk}:{each}")) for each in plain
    )
    return ["-".join(re.findall("....", each)) for each in plain]


def _looks_like_recovery(code: str) -> bool:
    return len(code) < 40 and re.fullmatch(r"[a-z2-7]{16}", _plain(code), flags=re.ASCII) is not None


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _spend_recovery_code(totp: Totp, code: str) -> bool:
    unused = RecoveryCode.objects.filter(
        user_id=totp.user_id, code_hash=hash_of(f"{totp.user_id}:{_plain(code)}"), used_at=None
    )
    return unused.update(used_at=timezone.now()) == 1


@transaction.atomic(durable=True)
def _take_guess(totp: Totp) -> bool:
    """Counted before it is looked at, so that a hundred at once are not looked at more often than five."""
    is_over = Q(guessing_since__lt=Now() - GUESSING)
    may_guess = Totp.objects.filter(is_over | Q(guesses__lt=MOST_GUESSES), pk=totp.pk)
    return (
        may_guess.update(
            guesses=Case(When(is_over, then=Value(1)), default=F("guesses") + 1),
            guessing_since=Case(When(is_over, then=Now()), default=F("guessing_since")),
        )
        == 1
    )


def _spend(totp: Totp, code: str) -> bool:
    """A code is good once, and none that is older than one that was used (RFC 6238, 5.2): one statement decides."""
    digits = code.strip() if re.fullmatch(r"\s*[0-9]{6}\s*", code[:40], flags=re.ASCII) else ""
    now = int(time.time()) // STEP
    secret = unseal(totp.sealed_secret)
    generator = pyotp.TOTP(secret, interval=STEP)
    steps = range(now - DRIFT, now + DRIFT + 1)
    # All are compared, and each in the same time whatever it is.
    right = [step for step in steps if strings_equal(generator.generate_otp(step), digits)]
    if not right:
        return False
    unused = Totp.objects.filter(pk=totp.pk, sealed_secret=totp.sealed_secret, last_step__lt=right[0])
    # Sealed anew, so that who logs in while a key is replaced needs the old one no more.
    return unused.update(last_step=right[0], guesses=0, sealed_secret=seal(secret)) == 1
