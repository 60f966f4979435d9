"""Jobs: what is done later, by `manage.py work`. Asked for inside a transaction, a job stands or falls with it."""

import logging
from collections.abc import Callable

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

log = logging.getLogger("acequia.work")

#: A job that fails is tried so often, 2, 4, 8 … 512 s later, 17 minutes in all. Then it is parked: it stays, as failed,
#: until somebody looks at it.
ATTEMPTS = 10
#: For `@app.task(retry=BACKOFF)`, which makes a function a job; `.defer(…)` asks for it.
BACKOFF = RetryStrategy(max_attempts=ATTEMPTS - 1, exponential_wait=2)


def every(cron: str, act: Callable[[], object], *, queue: str = "default") -> None:
    """Do this by the clock, once for all workers; a sixth word of the cron line is seconds.

    What takes long has a queue of its own, which a lane of `manage.py work` does beside the others.
    """

    def run(timestamp: int) -> None:
        try:
            act()
        except Exception:
            # Its next time is its next try: one that always fails would else leave a parked job each time.
            log.exception("%s failed; it is tried again at its next time", name)

    name = f"{act.__module__}.{act.__qualname__}"
    # Before what waits in the line: the clock does not wait for ten thousand notifications.
    app.periodic(cron=cron)(app.task(name=name, queue=queue, priority=1)(run))
