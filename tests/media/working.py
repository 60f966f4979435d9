"""A worker of ours beside a test, on the test's own database; and a line to a store that can be cut."""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from config.local.places import CHECKOUT
from config.local.processes import start, stop
from config.settings import env
from tests.serving import Process

_BROKEN = """
import os, signal, time, django
django.setup()
from django.core.management import call_command
from media import checks
{}
call_command("work")
"""
#: A worker that dies between what it has put and what it was about to write down, as if its power were cut.
DOOMED = _BROKEN.format("checks._commit = lambda *args: os.kill(os.getpid(), signal.SIGKILL)")
#: One that never comes to an end with a file.
BUSY = _BROKEN.format("checks.check = lambda **facts: time.sleep(600)")


@contextlib.contextmanager
def working(folder: Path, script: str = "") -> Iterator[Process]:
    """A worker, for as long as the block runs; one that leaves a traceback has failed."""
    database = urlsplit(env.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    store = {
        name: str(getattr(settings, name))
        for name in ("MEDIA_BUCKET", "MEDIA_ENDPOINT", "MEDIA_REGION", "MEDIA_FOLDER", "MEDIA_URL")
    }
    variables = os.environ | store | {"DATABASE_URL": database, "PYTHONUNBUFFERED": "1"}
    log = folder / f"worker-{len(script)}.log"
    with log.open("w") as output:
        popen = start(
            [sys.executable, *(("-c", script) if script else ("manage.py", "work"))],
            environment=variables | {"DJANGO_SETTINGS_MODULE": "config.settings"},
            folder=CHECKOUT,
            when_orphaned=signal.SIGKILL,
            stdout=output,
            stderr=output,
        )
    try:
        yield Process("worker", log, popen)
    finally:
        stop(popen, (signal.SIGTERM, 15.0))
    assert "Traceback" not in log.read_text(), log.read_text()


class Line:
    """A port that leads to another, as long as it is not cut; cut, it refuses and breaks off all that is on its way."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listener.getsockname()[1])
        self._serve()

    def cut(self) -> None:
        """Nobody gets through from here on."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """All is well again, at the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self._serve()

    def _serve(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._to)
                with self._lock:
                    self._open |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open -= {one}
        one.close()
