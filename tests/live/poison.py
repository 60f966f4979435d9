"""The settings of a worker whose reader does not get over some updates; which, their titles say."""

import os
import signal
import time

from config.settings import *  # noqa: F403

EVENT_READERS = {"notifications": "tests.live.poison.reader"}


def deal(row, after: int) -> int | None:
    """What a worker does that is broken."""
    from social.notifications.writer import write_notifications
    from social.updates.models import Update

    if row.kind == "UpdatePublished":
        title = Update.objects.get(pk=row.facts["update_id"]).title
        if title == "Poison":
            raise ZeroDivisionError("poison")
        last = write_notifications(row, after)
        if title == "Deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        if title == "Endless":
            time.sleep(600)
        return last
    return write_notifications(row, after)


def __getattr__(name: str):
    # Made when it is asked for: settings are read before there are models.
    if name != "reader":
        raise AttributeError(name)
    from backend.core.readers import Reader
    from social.notifications.rules import RULES

    return Reader(kinds=RULES, deal=deal)
