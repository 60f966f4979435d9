import time


class Throttle:
    """How often something may be done: so often at once, and so often a second for longer (a token bucket)."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, burst: int, a_second: float) -> None:
        self._burst = self._left = float(burst)
        self._rate = a_second
        self._at = time.monotonic()

    def allows(self) -> bool:
        """Whether it may be done once more now; if so, it counts."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
