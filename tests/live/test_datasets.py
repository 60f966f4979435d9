"""Publishing is a job of the worker, in a lane of its own."""

import hashlib
from pathlib import Path

from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from schema import cursors
from schema.datasets.models import Version
from schema.datasets.publishing import LOCK
from tests.clients import launch_project, people, publish_update, sign_up
from tests.serving import LIVE, House, eventually
from tests.sockets import Socket

JOB = "schema.datasets.jobs.publish_datasets"


def jobs() -> list[str]:
    """How the jobs stand that publish."""
    return list(ProcrastinateJob.objects.using(LIVE).filter(task_name=JOB).values_list("status", flat=True))


def waits() -> bool:
    """Whether somebody wants to publish who may not yet."""
    with connections[LIVE].cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid::bigint = %s AND NOT granted",
            [LOCK],
        )
        return cursor.fetchone() is not None


def test_a_publication_that_takes_long_holds_up_neither_letters_nor_notifications(
    house: House, tmp_path: Path
):
    server = house.servers[0]
    house.end(house.worker)
    house.worker = house.start_worker(MEDIA_FOLDER=str(tmp_path))
    ana, (bo,) = sign_up(server, "ana"), people(1)
    project = launch_project(server, ana)
    bo.do(server, "Follow", targetId=project)
    with connections[LIVE].cursor() as cursor, Socket(server, bo) as socket:
        stream = socket.subscribe("NotificationsLive", after=cursors.encode(f"user:{bo.pk}", 0))
        # Somebody else publishes, and does not come to an end.
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (task_name, queue_name, args, priority) VALUES (%s, 'datasets', %s, 0)",
                [JOB, '{"timestamp": 0}'],
            )
            eventually(waits, 30)
            assert jobs() == ["doing"]
            news = publish_update(server, ana, project, "Rain at last")
            (event,) = socket.events(stream, 1, seconds=10)
            assert event["notification"]["subject"]["id"] == news
            dee = sign_up(server, "dee")
            mail = Path(house.environment["EMAIL_URL"].removeprefix("file://"))
            eventually(lambda: any(dee.handle in each.read_text() for each in mail.iterdir()), 10)
            assert jobs() == ["doing"] and not Version.objects.using(LIVE).exists()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        eventually(lambda: jobs() == [], 30)
    version = Version.objects.using(LIVE).get()
    rows = {table["name"]: table["rows"] for table in version.tables}
    assert rows["projects"] >= 1 and rows["updates"] >= 1
    for table in version.tables:
        content = (tmp_path / version.keys[table["path"]]).read_bytes()
        assert f"sha256:{hashlib.sha256(content).hexdigest()}" == table["hash"]
    Version.objects.using(LIVE).all().delete()
    house.end(house.worker)
    house.worker = house.start_worker()
