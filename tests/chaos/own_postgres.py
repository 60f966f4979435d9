"""A PostgreSQL that crashes and comes back at the same address, with every commit that it acknowledged."""

import contextlib
import os
import signal
from pathlib import Path

from config.local.services import DATABASE, postgres


class OwnPostgres:
    """A cluster in a folder, listening in `place`, which is there or is not. It syncs each commit to disk."""

    def __init__(self, folder: Path, place: Path) -> None:
        self.url = f"postgresql://{DATABASE}@/{DATABASE}?host={place}"
        self._folder = folder
        # Over the folder that is new at each start.
        self._more = {"unix_socket_directories": str(place)}
        self._running = contextlib.ExitStack()

    def start(self) -> None:
        """It is there, and has recovered what it had committed."""
        self._running.enter_context(postgres(self._folder, durable=True, more=self._more))

    def stop(self) -> None:
        """It is gone, in order: whoever was connected is cut off, and everything is written."""
        self._running.close()

    def crash(self) -> None:
        """It is gone as in a power cut, and what was not committed with it."""
        pid = int((self._folder / "data" / "postmaster.pid").read_text().partition("\n")[0])
        # What `pg_ctl stop -m immediate` sends.
        os.kill(pid, signal.SIGQUIT)
        self._running.close()
