"""The settings of a server whose limits are on and whose passwords are counted each time that one is tried."""

import redis
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from config.settings import *  # noqa: F403
from config.settings import REDIS_URL

PASSWORD_HASHERS = ["tests.live.guessed.Counting"]
#: Where they are counted.
TRIED = "acequia:test:tried"


class Counting(PBKDF2PasswordHasher):
    """So quick that nothing but the limits is in a guesser's way."""

    algorithm = "counting"
    iterations = 1

    def verify(self, password: str, encoded: str) -> bool:
        """Whether it is the password; and that it was tried."""
        with redis.Redis.from_url(REDIS_URL) as client:
            client.hincrby(TRIED, encoded)
        return super().verify(password, encoded)
