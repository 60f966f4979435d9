from collections.abc import Callable

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from backend.accounts.letters import write
from backend.accounts.models import User
from backend.accounts.sessions import end_sessions
from backend.core.refusals import Invalid, NotFound, Refusal

#: Longer than any passphrase; hashing costs by length, so it is asked before hashing.
LONGEST_PASSWORD = 256


class WrongPassword(Refusal):
    """It is not the password of who is asking."""

    code = "WRONG_PASSWORD"
    message = "That is not your password."


@transaction.atomic(durable=True)
def change_password(*, by: User, session_id: int, current_password: str, new_password: str) -> None:
    """Give a person another password and end all their sessions but the one that asks.

    Raises `NotFound`, `WrongPassword`, `Invalid`.
    """
    user = insist_on_password(by, current_password, field="currentPassword")
    password = make_password(clean_password(new_password, user=user, field="newPassword"))
    # Of two that change it at once, the second does not know the password any more.
    if not User.objects.filter(pk=user.pk, password=user.password).update(password=password):
        raise WrongPassword(field="currentPassword")
    end_sessions(user, but=session_id)
    write("password_changed", user.pk)


def insist_on_password(by: User, password: str, *, field: str) -> User:
    """The person anew, who has shown that they know their password; one hash. Raises `NotFound`, `WrongPassword`."""
    user = User.objects.filter(pk=by.pk, is_active=True).first()
    if user is None:
        raise NotFound
    if not fits(password, user.password):
        raise WrongPassword(field=field)
    return user


def fits(guess: str, known: str, upgrade: Callable[[str], None] | None = None) -> bool:
    """Whether a guess is the password that was stored so; `upgrade` is called with it if it is to be stored anew."""
    # What could never have been set is not hashed, and still costs a hash.
    short = guess[:LONGEST_PASSWORD].encode(errors="replace").decode()
    return check_password(short, known, upgrade if short == guess else None) and short == guess


def clean_password(value: str, *, user: User, field: str = "password") -> str:
    """A password that may be hashed: 10 to 256 characters, not a common one, not made of the person's own names."""
    if len(value) > LONGEST_PASSWORD:
        raise Invalid(field, f"At most {LONGEST_PASSWORD} characters.")
    if "\0" in value:
        raise Invalid(field, "It holds characters that cannot be typed.")
    try:
        value.encode()
        validate_password(value, user=user)
    except UnicodeEncodeError:
        raise Invalid(field, "It holds characters that cannot be typed.") from None
    except ValidationError as error:
        raise Invalid(field, " ".join(error.messages)) from None
    return value
