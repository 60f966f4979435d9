import pytest
from django.conf import settings as django_settings
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from procrastinate.contrib.django.models import ProcrastinateJob

from backend.accounts.hashers import NormalisingArgon2
from backend.core.models import RecordedEvent
from backend.core.readers import read_pending
from tests.cast import Cast, make_cast
from tests.media.stores import (  # noqa: F401  # Fixtures of tests/media and tests/config.
    either_store,
    folder_here,
    folder_server,
    folder_server_of_development,
    folder_store,
    media_kept,
    s3_server,
    s3_store,
)
from tests.serving import house, standing_house  # noqa: F401  # Fixtures of tests/realtime and tests/live.

# A race runs each of its threads on a connection of its own.
django_settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] = 40

# Hundreds of passwords of tests need nobody's patience, and 0.2 s of CPU each; servers hash with all that they should.
NormalisingArgon2.time_cost, NormalisingArgon2.memory_cost, NormalisingArgon2.parallelism = 1, 8, 1

# derandomize off, and the seed printed on failure (print_blob): a failure can be played again.
settings.register_profile("acequia", deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
settings.load_profile("acequia")

#: What migrations and not tests have written there is the same for all.
_KEPT = {"django_content_type", "auth_permission"}


def _empty_tables(_: TransactionTestCase) -> None:
    """What a test has committed is gone. Django's own way would then make each permission anew, for 60 ms of its CPU."""
    written = (
        set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - _KEPT
    )
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), sorted(written)))


TransactionTestCase._fixture_teardown = _empty_tables


@pytest.fixture
def cast(db: None) -> Cast:
    """Ana, Bo, Cy, Sol and Ana's project, inside a transaction that the test's end rolls back."""
    return make_cast()


@pytest.fixture
def racing_cast(transactional_db: None) -> Cast:
    """The same, committed, so that other threads and connections see it."""
    return make_cast()


@pytest.fixture
def recorded():
    """The events that the test's actions recorded since the last look: [(kind, stream, seq, facts)]."""
    seen: set[int] = set()

    def look() -> list[tuple[str, str, int, dict]]:
        rows = RecordedEvent.objects.exclude(pk__in=seen).order_by("pk")
        new = [(row.kind, row.stream_id, row.seq, row.facts) for row in rows]
        seen.update(row.pk for row in rows)
        return new

    return look


@pytest.fixture
def read_events():
    """Let the readers of the event log catch up, as `manage.py work` would."""
    return lambda: read_pending("notifications")


@pytest.fixture
def jobs(db: None):
    """The jobs that the test's actions asked for: [(task, arguments, status)]."""
    # Their tables are not Django's, which would empty them after a test that commits.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    rows = ProcrastinateJob.objects.order_by("pk")
    return lambda: list(rows.values_list("task_name", "args", "status").all())
