import logging
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from backend.boards.claims import expire_claims
from backend.core.events import read_pending

log = logging.getLogger("acequia.read_events")

#: Seconds between two looks when there was nothing: one look is one small statement on an index.
PAUSE = 0.1
#: Seconds between two rounds of releasing claims whose time has run out.
EXPIRY_EVERY = 15.0


class Command(BaseCommand):
    """The reader of the event log: writes notifications, and releases claims that ran out. Run one or more of them."""

    help = "Read the event log: write notifications, release claims whose time has run out."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--once` is for a scheduler or a test."""
        parser.add_argument("--once", action="store_true", help="Read what there is, and end.")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Read until told to stop (SIGTERM, SIGINT): the round that runs is finished first."""
        if once:
            while self._round():
                pass
            expire_claims()
            return
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        expire_at = 0.0
        while not stopped.is_set():
            try:
                busy = self._round()
                if time.monotonic() >= expire_at:
                    expire_claims()
                    expire_at = time.monotonic() + EXPIRY_EVERY
            except DatabaseError:
                # The round was one transaction: nothing of it stands, and the next one begins with the same events.
                log.exception("a round failed; trying again")
                close_old_connections()
                stopped.wait(1)
                continue
            if not busy:
                stopped.wait(PAUSE)

    @staticmethod
    def _round() -> int:
        return sum(read_pending(reader) for reader in settings.EVENT_READERS)
