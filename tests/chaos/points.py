"""The points at which a server can be made to die. They are put in from outside: nothing in the servers knows of them.

- `before-commit`  an event is recorded, and COMMIT is not sent
- `after-commit`   COMMIT is answered, and nobody has been poked
- `after-poke`     everybody has been poked, and the client that wrote has no answer
- `mid-send`       one socket has been sent an event, and the others of this process have not
"""

import os
import re
import signal
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string

BEFORE_COMMIT, AFTER_COMMIT, AFTER_POKE, MID_SEND = "before-commit", "after-commit", "after-poke", "mid-send"
POINTS = (BEFORE_COMMIT, AFTER_COMMIT, AFTER_POKE, MID_SEND)
#: What a server says as it dies, so that a death at the point is told from any other.
LAST_WORD = "died at"

Application = Callable[..., Awaitable[None]]
# However it is spaced: PostgreSQL spells JSON in more than one way.
_CURSOR = re.compile(r'"cursor"\s*:\s*"([^"]+)"')


class Doom:
    """The death of this process, the n-th time that its point is reached."""

    def __init__(self, point: str, n: int) -> None:
        self.point = point
        self._left = n
        self._lock = threading.Lock()

    def reach(self) -> None:
        """The point is reached once more; the n-th time, nothing follows."""
        with self._lock:
            self._left -= 1
            if self._left:
                return
            os.write(2, f"{LAST_WORD} {self.point}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """An ASGI application that dies when it has sent an event to the first of its sockets."""

    def __init__(self, application: Application, doom: Doom) -> None:
        self._application = application
        self._doom = doom
        self._told: set[str] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve, and look at what is sent."""

        async def watched(message: dict[str, Any]) -> None:
            await send(message)
            if message["type"] == "websocket.send" and self._is_first(message):
                self._doom.reach()

        await self._application(scope, receive, watched if scope["type"] == "websocket" else send)

    def _is_first(self, message: dict[str, Any]) -> bool:
        found = _CURSOR.search(message.get("text") or (message.get("bytes") or b"").decode())
        if found is None or found[1] in self._told:
            return False
        self._told.add(found[1])
        return True


def arm(doom: Doom, application: Application) -> Application:
    """The application that dies of this doom: this process' own parts are changed to that end. Django is set up before."""
    match doom.point:
        case "before-commit":
            _die_around_commit(before=doom.reach)
        case "after-commit":
            _die_around_commit(after=doom.reach)
        case "after-poke":
            _die_after_poke(doom)
        case "mid-send":
            return Dying(application, doom)
        case other:
            raise SystemExit(f"There is no point {other!r}; there are {', '.join(POINTS)}.")
    return application


def _die_around_commit(
    before: Callable[[], None] = lambda: None, after: Callable[[], None] = lambda: None
) -> None:
    commit = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]

    def watched(self: BaseDatabaseWrapper) -> None:
        # Whoever records an event leaves a poke for after the commit; another commit is none of ours.
        has_recorded = bool(self.run_on_commit)
        if has_recorded:
            before()
        commit(self)
        if has_recorded:
            after()

    BaseDatabaseWrapper._commit = watched  # type: ignore[attr-defined]


def _die_after_poke(doom: Doom) -> None:
    sink: Callable[[Iterable[tuple[str, int]]], None] = import_string(settings.EVENT_SINK)

    def watched(marks: Iterable[tuple[str, int]]) -> None:
        try:
            sink(marks)
        finally:
            doom.reach()

    # The setting is the name of a function, so that is where this one must be found.
    globals()["doomed_sink"] = watched
    settings.EVENT_SINK = f"{__name__}.doomed_sink"
