import pytest
from pytest_django import Settings


@pytest.fixture
def quick_hashing(settings: Settings) -> None:
    """Passwords hashed by something fast: most tests ask about other things than how slow a hash is."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
