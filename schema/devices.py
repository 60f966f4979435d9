"""Devices that an account has been entered from: whoever has its owner's keeps a way in while others guess its password.

OWASP's device cookies: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

import secrets

from django.core import signing

#: Seconds after which a device is one of many again.
LASTS = 365 * 24 * 3600
_SALT = "acequia.device"
_LONGEST = 500


def device_token(*, email: str) -> str:
    """A token by which the device that keeps it is known to the account with this address; it lets nobody in."""
    return signing.dumps([email, secrets.token_urlsafe(12)], salt=_SALT)


def device_of(token: str, *, email: str) -> str | None:
    """The device that a token is of, if it is known to the account with this address."""
    if len(token) > _LONGEST:
        return None
    try:
        known_to, device = signing.loads(token, salt=_SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(device) if known_to == email else None
