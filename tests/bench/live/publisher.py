"""`python -m tests.bench.live.publisher HOW`: makes events happen when told to, and says when each was told."""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from typing import Any, ClassVar

from redis import Redis

from tests.bench.live.data import OWNER, task_on
from tests.bench.live.events import frame, global_id, title, told_by_peers

#: Of each event its board, its number there, and the moment in which it could be known: after the commit, or before it
#: was handed over.
Told = list[tuple[int, int, int]]


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

    def tell(self, board: int, counts: range) -> Told:
        """Edit tasks in one transaction."""
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
            for count in counts:
                task = Task.objects.filter(pk=task_on(board, count))
                task.update(title=title(count), version=F("version") + 1)
            edits = [TaskEdited(board_id=board, task_id=task_on(board, count)) for count in counts]
            rows = record(*edits, by=User(pk=OWNER))
        return [(board, row.seq, moments[0]) for row in rows]


class _ForPeers:
    """Numbers the events of each board, as the project's log does."""

    backend = 0

    def __init__(self) -> None:
        self.numbers: Counter[int] = Counter()
        self.redis = Redis.from_url(os.environ["REDIS_URL"])

    def tell(self, board: int, counts: range) -> Told:
        """Hand them over, one after the other."""
        told: Told = []
        for count in counts:
            self.numbers[board] += 1
            event = told_by_peers(board, self.numbers[board], count)
            told.append((board, self.numbers[board], time.monotonic_ns()))
            self.hand_over(board, event)
        return told

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
        boards, rate, together = command["boards"], command["rate"], command.get("together", 1)
        begun = time.monotonic()
        told: Told = []
        for turn in range(command["events"] // together):
            if rate:
                time.sleep(max(0.0, begun + turn / rate - time.monotonic()))
            told += way.tell(boards[turn % len(boards)], range(count, count + together))
            count += together
        print(json.dumps({"told": told, "seconds": time.monotonic() - begun}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
