"""`python -m tests.bench.live.publisher HOW`: makes events happen when told to, and says when each was told."""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from typing import Any, ClassVar

from redis import Redis

from tests.bench.live.data import OWNER, TASKS, task_on
from tests.bench.live.events import frame, global_id, title, told_by_peers


class Committed:
    """Commits them, as an action of the project does: the subscribers learn of it from there on by themselves."""

    name: ClassVar[str] = "commits"

    def __init__(self) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        from django.db import connection

        connection.ensure_connection()
        #: The process of PostgreSQL that works for this one, and not for the server that is measured.
        self.backend: int = connection.connection.info.backend_pid

    def tell(self, board: int, number: int, count: int) -> tuple[int, int]:
        """Edit a task; the event's number, and the moment after the commit."""
        from django.db import transaction
        from django.db.models import F

        from backend.accounts.models import User
        from backend.boards.events import TaskEdited
        from backend.boards.models import Task
        from backend.core.events import record

        moments: list[int] = []
        with transaction.atomic(durable=True):
            # The first of those who wait for the commit: the poke comes after it.
            transaction.on_commit(lambda: moments.append(time.monotonic_ns()))
            pk = task_on(board, number)
            Task.objects.filter(pk=pk).update(title=title(count), version=F("version") + 1)
            (row,) = record(TaskEdited(board_id=board, task_id=pk), by=User(pk=OWNER))
        return row.seq, moments[0]


class _ForPeers:
    """Numbers the events of each board, as the project's log does."""

    backend = 0

    def __init__(self) -> None:
        self.numbers: Counter[int] = Counter()
        self.redis = Redis.from_url(os.environ["REDIS_URL"])

    def tell(self, board: int, number: int, count: int) -> tuple[int, int]:
        """Hand the event over; its number, and the moment before."""
        self.numbers[board] += 1
        event = told_by_peers(board, self.numbers[board], number, count)
        now = time.monotonic_ns()
        self.hand_over(board, event)
        return self.numbers[board], now

    def hand_over(self, board: int, event: dict[str, Any]) -> None:
        """Give it to the server by Redis."""
        raise NotImplementedError


class Framed(_ForPeers):
    """Publishes the bytes that a client is to have."""

    name: ClassVar[str] = "frames"

    def hand_over(self, board: int, event: dict[str, Any]) -> None:
        self.redis.publish(f"frames:{board}", frame(event))


class Published(_ForPeers):
    """Publishes the event as JSON."""

    name: ClassVar[str] = "events"

    def hand_over(self, board: int, event: dict[str, Any]) -> None:
        self.redis.publish(f"events:{global_id('Board', board)}", json.dumps(event))


class Grouped(_ForPeers):
    """Sends it to the board's group of a channel layer."""

    name: ClassVar[str] = "groups"

    def __init__(self) -> None:
        super().__init__()
        from channels_redis.pubsub import RedisPubSubChannelLayer

        # One loop for all, so that it connects to Redis once.
        self.runner = asyncio.Runner()
        self.layer = RedisPubSubChannelLayer(hosts=[os.environ["REDIS_URL"]])

    def hand_over(self, board: int, event: dict[str, Any]) -> None:
        message = {"type": "board.event", "event": event}
        self.runner.run(self.layer.group_send(f"board.{global_id('Board', board)}", message))


WAYS: dict[str, type[Committed] | type[_ForPeers]] = {
    way.name: way for way in (Committed, Framed, Published, Grouped)
}


def main(how: str) -> None:
    """Publishes what each line of JSON asks for, until there is none."""
    way = WAYS[how]()
    print(json.dumps({"backend": way.backend}), flush=True)
    count = 0
    for line in sys.stdin:
        command = json.loads(line)
        boards, rate = command["boards"], command["rate"]
        begun, told = time.monotonic(), []
        for index in range(command["events"]):
            if rate:
                time.sleep(max(0.0, begun + index / rate - time.monotonic()))
            board = boards[index % len(boards)]
            told.append((board, *way.tell(board, 1 + count % TASKS, count)))
            count += 1
        print(json.dumps({"told": told, "seconds": time.monotonic() - begun}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
