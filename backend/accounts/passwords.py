from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from backend.accounts.letters import write
from backend.accounts.models import User
from backend.accounts.sessions import end_sessions
from backend.core.refusals import Invalid, Refusal

#: Longer than any passphrase; hashing costs by length, so it is asked before hashing.
LONGEST_PASSWORD = 256


@cache
def nobodys_password() -> str:
    """Spent on an unknown address too, so that the answer's time does not tell whether an account exists.

    Made once a process, where it is asked for: servers ask before they serve (`config.security`), and a command that never
    looks at a password is spared the 100 MB of a hash.
    """
    return make_password("nobody's password")


class PasswordWrong(Refusal):
    code = "WRONG_CREDENTIALS"
    message = "This is not your password."


@transaction.atomic(durable=True)
def change_password(*, by: User, session_id: int, current_password: str, new_password: str) -> None:
    """Give a person another password and end all their sessions but the one that asks.

    Raises `PasswordWrong`, `Invalid`.
    """
    user = demand_password(user=by, password=current_password, field="currentPassword")
    password = make_password(clean_password(new_password, user=user, field="newPassword"))
    # Of two that change it at once, the second does not know the password any more.
    if not User.objects.filter(pk=user.pk, password=user.password).update(password=password):
        raise PasswordWrong(field="currentPassword")
    end_sessions(user, but=session_id)
    write("password_changed", user.pk)


def demand_password(*, user: User, password: str, field: str = "password") -> User:
    """Somebody who is logged in shows again who they are: the person, read anew. Raises `PasswordWrong`."""
    found = User.objects.filter(pk=user.pk, is_active=True).first()
    if not is_password_of(found, password) or found is None:
        raise PasswordWrong(field=field)
    return found


def is_password_of(user: User | None, guess: str) -> bool:
    """Whether it is the person's; takes as long for nobody, or for somebody who has none.

    One that is right and was stored in an older way is stored anew.
    """
    known = user.password if user is not None and user.has_usable_password() else nobodys_password()

    def store_anew(password: str) -> None:
        if user is not None and password == guess:
            user.password = make_password(password)
            User.objects.filter(pk=user.pk, password=known).update(password=user.password)

    # What could never have been set is not hashed, and still costs a hash.
    short = guess[:LONGEST_PASSWORD].encode(errors="replace").decode()
    return check_password(short, known, store_anew) and short == guess and known is not nobodys_password()


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
