"""Proof that somebody reads an address: a signed word in a link that only a letter to that address holds.

Nothing of it is stored. Its signature (HMAC-SHA-256, 256 bits) covers what it is for, whose it is, when it was made, and
the state of the account that it is to change: so it works once, and is void when the address or the password changes.
"""

from datetime import timedelta
from enum import Enum

from django.core.signing import BadSignature, TimestampSigner

from backend.accounts.models import User
from backend.core.refusals import Refusal

_LONGEST = 200
_BIGGEST = 2**63 - 1


class Purpose(Enum):
    """What a proof is for, and how long it holds."""

    VERIFY_EMAIL = timedelta(days=3)
    RESET_PASSWORD = timedelta(hours=1)
    CHANGE_EMAIL = timedelta(days=1)


class TokenInvalid(Refusal):
    """It is malformed, forged, expired, used, void, or for something or somebody else: the answer does not say which."""

    code = "TOKEN_INVALID"
    message = "This link is not valid, or not any more. Ask for a new one."

    def __init__(self) -> None:
        super().__init__(field="token")


def proof(purpose: Purpose, user: User) -> str:
    """The word for a link to a person as they are now: ASCII that needs no escaping, below 100 characters."""
    return _signer(purpose, user).sign(str(user.pk))


def proven(purpose: Purpose, token: str) -> User:
    """The person whose proof this is, in the state that it was made for. Raises `TokenInvalid`."""
    number = token.partition(".")[0] if len(token) <= _LONGEST and token.isascii() else ""
    user = None
    if number.isdecimal() and int(number) <= _BIGGEST:
        user = User.objects.filter(pk=int(number), is_active=True).first()
    if user is None:
        raise TokenInvalid
    try:
        _signer(purpose, user).unsign(token, max_age=purpose.value)
    except BadSignature:
        raise TokenInvalid from None
    return user


def _signer(purpose: Purpose, user: User) -> TimestampSigner:
    # No line end is in any of them, so no two states are spelled alike.
    state = (user.email, user.email_verified_at, user.new_email, user.password)
    return TimestampSigner(sep=".", salt=f"{purpose.name}\n" + "\n".join(map(str, state)))
