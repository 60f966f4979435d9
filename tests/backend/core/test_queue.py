import logging

import pytest
from procrastinate import utils
from procrastinate.contrib.django import app, procrastinate_app

from backend.boards.claims import expire_claims
from backend.core import queue
from backend.core.queue import ATTEMPTS, BACKOFF, every


def test_a_job_that_fails_is_tried_ten_times_each_pause_twice_the_last_and_then_parked():
    def pause(attempts: int) -> int | None:
        decision = BACKOFF.get_retry_decision(
            exception=ValueError(), job=type("Job", (), {"attempts": attempts})()
        )
        return decision and round((decision.retry_at - utils.utcnow()).total_seconds())

    pauses = [pause(attempts) for attempts in range(ATTEMPTS)]
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, None]


def test_what_is_done_by_the_clock_is_done_so_often():
    """Everything of that kind in the house."""
    timetable = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert timetable == {
        "backend.boards.claims.expire_claims": "* * * * * */15",
        "backend.core.jobs.prune_log": "* * * * *",
        "oauth2_provider.models.clear_expired": "17 4 * * *",
        "backend.accounts.exports.expire_exports": "* * * * *",
        "backend.accounts.leaving.free_handles": "0 * * * *",
        "backend.accounts.sessions.prune_sessions": "*/10 * * * *",
        "backend.accounts.addresses.remove_unverified": "17 * * * *",
        "media.uploads.expire_uploads": "* * * * *",
        "media.cleaning.delete_lapsed": "* * * * *",
        "media.remote.images.place_arrived": "* * * * *",
        "media.cleaning.empty_trash": "* * * * * */20",
        "media.cleaning.give_up_lost": "*/10 * * * *",
        "media.cleaning.sweep_orphans": "23 3 * * *",
        "schema.opendata.months.tell_months": "17 * * * *",
        "schema.datasets.jobs.publish_datasets": "17 2,5 * * *",
    }
    assert expire_claims.__module__ == "backend.boards.claims"


def test_what_fails_by_the_clock_is_told_in_the_log_and_tried_at_its_next_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    done: list[int] = []

    def water() -> None:
        done.append(1 // len(done))

    whole = procrastinate_app.current_app
    monkeypatch.setattr(whole, "tasks", dict(whole.tasks))
    monkeypatch.setattr(
        whole.periodic_registry, "periodic_tasks", dict(whole.periodic_registry.periodic_tasks)
    )
    every("0 5 * * *", water)
    name = f"{water.__module__}.{water.__qualname__}"
    assert app.periodic_registry.periodic_tasks[name, ""].cron == "0 5 * * *"
    task = app.tasks[name]

    task(timestamp=1)
    (said,) = [said for said in caplog.records if said.name == queue.log.name]
    assert (said.levelno, said.getMessage()) == (
        logging.ERROR,
        f"{name} failed; it is tried again at its next time",
    )
    done.append(1)
    task(timestamp=2)
    assert (done, len(caplog.records)) == ([1, 1], 1)
