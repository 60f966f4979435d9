"""Secrets that must be read again are nothing to whoever has the database alone."""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from backend.core.seals import Unreadable, seal, unseal

OLD, NEW = "old-" + "k" * 60, "new-" + "k" * 60


def test_what_is_sealed_can_be_read_here_and_tells_nothing(settings: Settings):
    sealed = seal("JBSWY3DPEHPK3PXP")
    assert unseal(sealed) == "JBSWY3DPEHPK3PXP"
    assert "JBSWY" not in sealed and seal("JBSWY3DPEHPK3PXP") != sealed


def test_a_new_key_reads_what_the_old_one_sealed_while_that_is_a_fallback(settings: Settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    sealed = seal("secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert unseal(sealed) == "secret"
    anew = seal("secret")
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(anew) == "secret"
    with pytest.raises(Unreadable):
        unseal(sealed)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s[:-1],
        lambda s: s[:40] + ("A" if s[40] != "A" else "B") + s[41:],
        lambda s: "",
        lambda s: "ñ",
    ],
)
def test_what_was_changed_is_not_read(change):
    with pytest.raises(Unreadable):
        unseal(change(seal("secret")))


def test_the_key_is_not_the_secret_itself(settings: Settings):
    """A seal must not be opened by what signs cookies, nor the other way round."""
    import base64
    import hashlib

    from cryptography.fernet import InvalidToken

    sealed = seal("secret").encode()
    for key in (settings.SECRET_KEY.encode()[:32], hashlib.sha256(settings.SECRET_KEY.encode()).digest()):
        with pytest.raises(InvalidToken):
            Fernet(base64.urlsafe_b64encode(key.ljust(32))).decrypt(sealed)
