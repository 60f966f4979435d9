import pytest

from tests.media.remote.hosts import world


@pytest.fixture
def internet():
    """Names, hosts of strangers, and two canaries on this machine's own addresses."""
    with world() as made:
        yield made
