from collections.abc import Callable, Iterator

import pytest

from backend.core.models import Pending
from tests.serving import LIVE, House, Process, eventually


@pytest.fixture
def replaced(house: House) -> Iterator[Callable[..., Process]]:
    """Puts another worker in the place of the one that stands; at the end of the test there is an honest one again."""

    def replace(**variables: str) -> Process:
        house.end(house.worker)
        house.worker = house.start_worker(**variables)
        return house.worker

    yield replace
    replace()
    eventually(lambda: not Pending.objects.using(LIVE).exists(), 30)
