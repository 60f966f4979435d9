import unicodedata

from django.contrib.auth.hashers import Argon2PasswordHasher


class NormalisingArgon2(Argon2PasswordHasher):
    """Argon2id of a password in NFC: two keyboards that spell one letter differently open one account.

    NFC and not NFKC, as the OpaqueString profile has it (RFC 8265 §4.2): it joins spellings, not letters. A password in
    ASCII, and whatever common keyboards write, hashes as before.
    """

    def encode(self, password: str, salt: str) -> str:
        """The hash to be stored."""
        return super().encode(unicodedata.normalize("NFC", password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether this password has that hash."""
        return super().verify(unicodedata.normalize("NFC", password), encoded)
