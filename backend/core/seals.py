"""Texts that must be read again, and that nobody shall read who has the database alone."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """It was sealed with a key that is not among `SECRET_KEY` and `SECRET_KEY_FALLBACKS`, or somebody has changed it."""


def seal(text: str) -> str:
    """The text, encrypted and signed with a key of `SECRET_KEY` (Fernet: AES-128-CBC and HMAC-SHA-256)."""
    return _seals(_keys()).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text; also where its key is one of `SECRET_KEY_FALLBACKS` by now. Raises `Unreadable`."""
    try:
        return _seals(_keys()).decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError):
        raise Unreadable from None


def _keys() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _seals(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str) -> bytes:
    # One secret, many uses: each has a key of its own (RFC 5869), so that none can stand for another.
    key = HKDF(SHA256(), length=32, salt=None, info=b"acequia: seals").derive(secret.encode())
    return base64.urlsafe_b64encode(key)
