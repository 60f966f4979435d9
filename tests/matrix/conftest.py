from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from backend.accounts.models import User
from tests.cast import PASSWORD
from tests.matrix.answers import forget
from tests.matrix.world import World, make_world

#: Passwords are of no interest here, and take a while with what real ones are hashed by; nor is how much one asks.
QUICK = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"], "RATE_LIMITS": 0}


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:  # type: ignore[no-untyped-def]
    """The world, once for all cells: each takes back what it did."""
    with django_db_blocker.unblock(), override_settings(**QUICK, PRESENCE="tests.matrix.world.who_is_there"):
        with undone_at_the_end():
            made = make_world()
            User.objects.filter(handle__in=["ana", "bru"]).update(
                password=make_password(PASSWORD), email_verified_at=timezone.now()
            )
            yield made
        forget()


@pytest.fixture
def _django_db_helper(world: World) -> Iterator[None]:
    """A test here has its transaction within that of the world: the marker is only for the database to be made."""
    with undone_at_the_end():
        yield


@contextmanager
def undone_at_the_end() -> Iterator[None]:
    """A transaction that is taken back, even where a statement in it failed."""
    block = transaction.atomic()
    # As Django's own test cases mark theirs: actions refuse to run inside any other.
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def forgotten() -> Iterator[None]:
    """What is changed for a test is not remembered by another."""
    forget()
    yield
    forget()
