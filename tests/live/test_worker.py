"""The worker, as a process: what it cannot do it parks, what it was at when it died is done by the next."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from backend.boards.models import Claim
from backend.core.models import Pending
from config.local.places import CHECKOUT
from schema import cursors
from schema.ids import from_global_id
from social.follows.models import Follow
from social.notifications.models import Notification
from tests.clients import launch_project, make_board, people, publish_update, sign_up
from tests.serving import LIVE, House, eventually
from tests.sockets import Socket

POISON = {"DJANGO_SETTINGS_MODULE": "tests.live.poison"}


@pytest.fixture
def told(house: House) -> Iterator[tuple[Callable[[str], str], Callable[[int, float], list[str]]]]:
    """What publishes an update to Bo, and what he was told since the last look."""
    server = house.servers[0]
    ana, (bo,) = sign_up(server, "ana"), people(1)
    project = launch_project(server, ana)
    bo.do(server, "Follow", targetId=project)
    with Socket(server, bo) as socket:
        stream = socket.subscribe("NotificationsLive", after=cursors.encode(f"user:{bo.pk}", 0))

        def hear(count: int, seconds: float) -> list[str]:
            events = socket.events(stream, count, seconds=seconds)
            return [event["notification"]["subject"]["id"] for event in events]

        yield (lambda title: publish_update(server, ana, project, title)), hear
        socket.stays_quiet(0.2)


def jobs(*statuses: str) -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.using(LIVE).filter(status__in=statuses).order_by("pk"))


def reading(*statuses: str) -> list[ProcrastinateJob]:
    # Those of the log alone: what is done by the clock comes and goes meanwhile.
    return [job for job in jobs(*statuses) if job.task_name == "read_log"]


def let_time_pass() -> None:
    """What is to be tried again later is due now."""
    with connections[LIVE].cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at > now()")


def test_a_poison_event_is_parked_after_its_attempts_and_reported_and_the_others_flow(
    house: House, replaced, told
):
    publish, hear = told
    house.expects_tracebacks = True
    worker = replaced(**POISON)
    first, poison, second = publish("First"), publish("Poison"), publish("Second")
    assert hear(2, 30) == [first, second]
    (mark,) = Pending.objects.using(LIVE).all()
    (job,) = reading("todo")
    assert (mark.event.kind, mark.job_id, job.status, job.attempts) == ("UpdatePublished", job.pk, "todo", 1)

    def is_parked() -> bool:
        let_time_pass()
        return reading("failed") != []

    eventually(is_parked, 60)
    (parked,) = reading("failed")
    assert (parked.pk, parked.attempts, parked.args) == (job.pk, 10, {"reader": "notifications"})
    assert list(Pending.objects.using(LIVE).all()) == [mark]
    (report,) = [line for line in worker.said().splitlines() if " ERROR " in line]
    assert f"Job read_log[{job.pk}](reader='notifications') ended with status: Error" in report
    assert worker.said().count("ZeroDivisionError: poison") >= 10
    third = publish("Third")
    assert hear(1, 10) == [third]

    # Whoever runs the house has found the fault, and tries it once more.
    replaced()
    command = ["manage.py", "procrastinate", "shell", "retry", str(job.pk)]
    subprocess.run([sys.executable, *command], cwd=CHECKOUT, env=house.environment, check=True, timeout=60)
    assert hear(1, 10) == [poison]
    eventually(lambda: reading("failed", "todo", "doing") == [])


def test_a_job_whose_worker_is_killed_is_done_by_another_within_ten_seconds(house: House, replaced, told):
    publish, hear = told
    worker = replaced(**POISON)
    endless = publish("Endless")
    eventually(lambda: reading("doing"), 30)
    time.sleep(1)
    worker.kill()
    begin = time.monotonic()
    (mark,) = Pending.objects.using(LIVE).all()
    assert not Notification.objects.using(LIVE).filter(subject_update__title="Endless").exists()
    replaced()
    assert hear(1, 15) == [endless]
    seconds = time.monotonic() - begin
    print(f"done again {seconds:.1f} s after the SIGKILL")
    assert seconds < 10
    eventually(lambda: not Pending.objects.using(LIVE).filter(pk=mark.pk).exists())
    assert Notification.objects.using(LIVE).filter(subject_update__title="Endless").count() == 1


def test_an_event_that_kills_every_worker_holds_up_the_others_for_seconds_only(house: House, replaced, told):
    publish, hear = told
    worker = replaced(**POISON)
    deadly, harmless = publish("Deadly"), publish("Harmless")
    deaths, end = 0, time.monotonic() + 60
    told_of = Notification.objects.using(LIVE).filter(subject_update__title="Harmless")
    # Put aside after its first death or its second, it kills again when its own job tries it.
    while time.monotonic() < end and not (told_of.exists() and deaths >= 2):
        if worker.popen.poll() is not None:
            deaths, worker = deaths + 1, replaced(**POISON)
        time.sleep(0.05)
    assert hear(1, 10) == [harmless] and deaths >= 2
    replaced()
    assert hear(1, 30) == [deadly]


def test_a_crowd_whose_worker_is_killed_again_and_again_is_told_once_each(house: House, replaced):
    server = house.servers[0]
    ana, fans = sign_up(server, "ana"), people(3_000)
    project = launch_project(server, ana)
    pk = from_global_id(project, "Project")[1]
    Follow.objects.using(LIVE).bulk_create(Follow(follower_id=fan.pk, project_id=pk) for fan in fans)
    publish_update(server, ana, project, "To all")
    news = Notification.objects.using(LIVE).filter(subject_update__title="To all")
    seen = []
    for _ in range(3):
        count = news.count()
        eventually(lambda count=count: news.count() > count, 30)
        house.worker.kill()
        seen.append(news.count())
        replaced()
    eventually(lambda: news.count() == 3_000, 60)
    assert seen[0] < 3_000 and all(count % 500 == 0 for count in seen)
    assert set(news.values_list("seq", "actor_count")) == {(1, 1)}
    assert set(news.values_list("user", flat=True)) == {fan.pk for fan in fans}


def test_a_claim_that_ran_out_is_released_by_the_clock(house: House):
    server = house.servers[0]
    ana, (bo,) = sign_up(server, "ana"), people(1)
    board = make_board(server, ana)
    task = ana.do(server, "CreateTask", boardId=board, title="Paint")["task"]["id"]
    bo.do(server, "ClaimTask", taskId=task)
    claims = Claim.objects.using(LIVE).filter(claimant=bo.pk)
    claims.update(expires_at=timezone.now() - timedelta(seconds=1))
    eventually(lambda: claims.get().state == "RELEASED", 20)
    assert claims.get().release_reason == "EXPIRED"
    eventually(lambda: not jobs("todo", "doing"))
    assert jobs("succeeded", "failed") == [], "nothing is left of what is done"


def test_a_worker_that_is_asked_to_end_finishes_what_it_is_at(house: House, replaced, told):
    publish, hear = told
    first = publish("First")
    assert hear(1, 30) == [first], "it is at work"
    known_as = ProcrastinateWorker.objects.using(LIVE).latest("pk").pk
    updates = [publish(f"Update {number}") for number in range(10)]
    assert house.worker.stop() < 10
    assert house.worker.popen.returncode == 0
    assert reading("doing") == []
    assert not ProcrastinateWorker.objects.using(LIVE).filter(pk=known_as).exists()
    replaced()
    assert hear(10, 30) == updates


def test_a_worker_outlives_the_loss_of_its_connections(house: House, replaced, told):
    publish, hear = told
    house.expects_tracebacks = True
    worker = replaced(PGAPPNAME="worker")
    first = publish("First")
    assert hear(1, 30) == [first]
    with connections[LIVE].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'worker'"
        )
        assert cursor.rowcount >= 3
    second = publish("Second")
    assert hear(1, 30) == [second]
    assert worker.popen.poll() is None
