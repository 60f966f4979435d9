from collections.abc import Callable, Iterator

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from backend.core.models import Pending
from tests.serving import LIVE, House, Process, eventually


@pytest.fixture
def replaced(house: House) -> Iterator[Callable[..., Process]]:
    """Puts another worker in the place of the one that stands; at the end of the test there is an honest one again."""

    # What other tests have left to be told is told first, also by workers that were killed: what is left is of one test.
    jobs = ProcrastinateJob.objects.using(LIVE).filter(task_name="read_log", status="doing")
    eventually(lambda: not Pending.objects.using(LIVE).exists() and not jobs.exists(), 30)

    def replace(**variables: str) -> Process:
        house.end(house.worker)
        house.worker = house.start_worker(**variables)
        return house.worker

    yield replace
    replace()
    eventually(lambda: not Pending.objects.using(LIVE).exists(), 30)
