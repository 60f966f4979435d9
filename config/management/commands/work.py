import asyncio
import contextlib
import logging
import signal
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.periodic import PeriodicRegistry

from backend.core.mail import MAIL
from backend.core.queue import ATTEMPTS
from media.checks import MEDIA
from schema.datasets.jobs import DATASETS

log = logging.getLogger("acequia.work")

#: A worker says every second that it lives. One that has been silent for so long is dead: its jobs are done by another.
SILENCE = 6.0
#: Seconds between two looks for jobs that are due again or lost; of new ones PostgreSQL tells at once.
LOOK = 1.0


class Command(BaseCommand):
    """The worker: does the jobs, those asked for and those of the clock. Run one or more of them."""

    help = (
        "Do the jobs: write notifications and letters, check files and remove them, release claims whose time has run"
        " out, prune the log of events, publish the datasets of the day."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to stop (SIGTERM, SIGINT): what runs is finished first."""
        asyncio.run(_work_until_stopped())


async def _work_until_stopped() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    while not stopped.is_set():
        try:
            await _work(stopped)
        except (ConnectorException, psycopg.Error):
            # What was a transaction is undone, and what was a job is found lost and done again.
            log.exception("PostgreSQL is away; trying again")
        # The clock of the worker asks by this thread's connection, which may be the broken one.
        await sync_to_async(close_old_connections)()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), 1)


async def _work(stopped: asyncio.Event) -> None:
    # An app of its own, with the same jobs: what a job asks for must go through Django's connection, into its transaction.
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=7, timeout=5)
    async with app.with_connector(connector).open_async() as worker:
        # The clock is the worker's alone.
        others = worker.with_connector(connector)
        others.periodic_registry = PeriodicRegistry()  # type: ignore[no-untyped-call]
        lanes = [
            asyncio.create_task(_lane(app, queue))
            for app, queue in ((worker, "default"), (others, MAIL), (others, MEDIA), (others, DATASETS))
        ]
        beside = [asyncio.create_task(stopped.wait()), asyncio.create_task(_find_lost_jobs(worker))]
        await asyncio.wait([*lanes, *beside], return_when=asyncio.FIRST_COMPLETED)
        for task in (*beside, *lanes):
            # A lane takes this as being asked to finish what it is at, and to end.
            task.cancel()
        for lane in lanes:
            with contextlib.suppress(asyncio.CancelledError):
                await lane


async def _lane(app: App, queue: str) -> None:
    await app.run_worker_async(
        queues=[queue],
        # One after the other, so that they keep their order; who wants more at once runs more workers.
        concurrency=1,
        fetch_job_polling_interval=LOOK,
        update_heartbeat_interval=1,
        stalled_worker_timeout=SILENCE,
        delete_jobs=DeleteJobCondition.SUCCESSFUL,
        install_signal_handlers=False,
    )


async def _find_lost_jobs(worker: App) -> None:
    while True:
        # Another worker may be looking too, and be quicker: then there is nothing left to do.
        with contextlib.suppress(ConnectorException):
            for lost in await worker.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE):
                if lost.attempts < ATTEMPTS:
                    log.warning("its worker died: trying again %s", lost.call_string)
                    await worker.job_manager.retry_job(lost)
                else:
                    log.error("parked, for every worker that tries it dies: %s", lost.call_string)
                    await worker.job_manager.finish_job(lost, Status.FAILED, delete_job=False)
        await asyncio.sleep(LOOK)
