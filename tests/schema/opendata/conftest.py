from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from django.test import TransactionTestCase

from schema.opendata.role import DATABASE
from tests.oracle.worlds import World, make_world
from tests.schema.opendata.asking import forget


@contextmanager
def committed(django_db_blocker) -> Iterator[None]:
    """What the block writes is there for the role that reads for the world, on its own connection; then it is gone."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            reader = connections[DATABASE]
            reader.close()
            reader.close_pool()
            # As `tests/conftest.py` empties what a test has committed.
            TransactionTestCase._fixture_teardown(None)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """A world with something of everything in it, for all tests of a file."""
    with committed(django_db_blocker):
        yield make_world(7)


@pytest.fixture
def empty(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A house in which nothing is yet, and what is written is committed."""
    with committed(django_db_blocker):
        yield


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    """No answer of another test is kept."""
    forget()
