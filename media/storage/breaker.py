"""Who has just learnt that somebody does not answer need not wait to learn it again."""

import logging
import threading
import time

from media.storage.port import StorageAway

log = logging.getLogger(__name__)


class Breaker:
    """After a failure all are told `StorageAway` at once for `rest` seconds; then one asks for all of them."""

    def __init__(self, rest: float = 3) -> None:
        self._rest = rest
        self._lock = threading.Lock()
        #: When somebody may ask again, on the monotonic clock; None while all is well.
        self._again_at: float | None = None

    def ask(self) -> None:
        """Raises `StorageAway` unless it may be asked now."""
        with self._lock:
            if self._again_at is None:
                return
            if time.monotonic() < self._again_at:
                raise StorageAway
            # Whoever comes while this one asks does not wait for its answer.
            self._again_at = time.monotonic() + self._rest

    def failed(self, why: object) -> None:
        """There was no answer, or none of any use."""
        with self._lock:
            was_well, self._again_at = self._again_at is None, time.monotonic() + self._rest
        if was_well:
            log.warning("The store is away: %s", why)

    def answered(self) -> None:
        """All is well."""
        with self._lock:
            was_away, self._again_at = self._again_at is not None, None
        if was_away:
            log.warning("The store is back")
