from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Coalesce, Now
from django.utils.module_loading import import_string

from backend.accounts.addresses import clean_email, take_address
from backend.accounts.factors import demand_second_factor
from backend.accounts.letters import write
from backend.accounts.models import Session, User
from backend.accounts.passwords import clean_password
from backend.accounts.proofs import Purpose, proven
from backend.accounts.sessions import end_sessions, open_session


@transaction.atomic(durable=True)
def request_password_reset(*, email: str) -> None:
    """Send who reads an address what gives them a new password. Known or not, it takes the same statements, and the answer
    is the same. Raises `Invalid`.
    """
    write("reset_password", User.objects.claiming(clean_email(email)).values_list("pk", flat=True).first())


def reset_password(
    *, token: str, new_password: str, one_time_code: str = "", user_agent: str = ""
) -> tuple[Session, str]:
    """Give a person a new password by the proof that was sent to their address, which by that is theirs, and log them in.

    All that let anybody in before is ended, sessions and keys: who signed up with somebody else's address keeps nothing of
    the account. A second factor is asked for as at log-in. Raises `TokenInvalid`, `Invalid`, and what
    `demand_second_factor` does.
    """
    user = proven(Purpose.RESET_PASSWORD, token)
    clean = clean_password(new_password, user=user, field="newPassword")
    demand_second_factor(user=user, code=one_time_code)
    return _reset(user, make_password(clean), user_agent)


@transaction.atomic(durable=True)
def _reset(user: User, password: str, user_agent: str) -> tuple[Session, str]:
    take_address(
        user,
        password=password,
        new_email="",
        email_verified_at=Coalesce("email_verified_at", Now()),
        last_login=Now(),
    )
    end_sessions(user)
    for name in settings.KEYS_OF_PEOPLE:
        import_string(name)(user)
    write("password_changed", user.pk)
    return open_session(user, user_agent)
