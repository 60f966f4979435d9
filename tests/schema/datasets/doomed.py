"""Publishes in a process of its own, which is killed (SIGKILL, by itself) where it is said."""

import os
import signal
from importlib import import_module
from typing import Any

from django.db import connections
from django.utils.module_loading import import_string

from schema.datasets.publishing import publish
from schema.opendata.role import DATABASE

#: Where, by the function that is never reached or never left: (module, name, how many times it is done before).
POINTS = {
    "while the first rows are read": ("schema.datasets.snapshots", "write_rows", 0),
    "while the third table is read": ("schema.datasets.snapshots", "write_rows", 2),
    "before Parquet is made": ("schema.datasets.snapshots", "write_parquet", 0),
    "before anything is in the store": ("schema.datasets.publishing", "_kept", 0),
    "while files go into the store": ("media.storage.folder.Folder", "put", 10),
    "when all files are in the store": ("schema.datasets.publishing", "_published", 0),
}


def publish_until(point: str) -> int:
    """Publish anew until the point is reached; how the process ended, as `os.waitstatus_to_exitcode` says it."""
    # No two processes may talk through one connection.
    for alias in ("default", DATABASE):
        connections[alias].close()
        connections[alias].close_pool()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        _kill_at(point)
        publish(again=True)
    finally:
        # Nothing of the tests goes on in here.
        os._exit(1)


def _kill_at(point: str) -> None:
    where, name, left = POINTS[point]
    place = import_string(where) if where.endswith(".Folder") else import_module(where)
    real = getattr(place, name)

    def reached(*arguments: Any, **named: Any) -> Any:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real(*arguments, **named)

    setattr(place, name, reached)
