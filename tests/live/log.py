"""Events in the log of the house, many at once or at a steady pace, without the actions that would record them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction
from django.utils import timezone

from backend.boards.events import TaskMoved, board_stream
from backend.core.models import RecordedEvent, Stream
from realtime.pokes import poke
from schema import cursors
from schema.ids import from_global_id
from tests.serving import LIVE


class Log:
    """The stream of one board; the events are about one of its tasks, or about none."""

    def __init__(self, board: str, task: str | None = None) -> None:
        self._board = from_global_id(board, "Board")[1]
        self._task = from_global_id(task, "Task")[1] if task else 0
        self.stream = board_stream(self._board)

    def tell(self, count: int = 1) -> int:
        """Commit so many events in one transaction; the number of the last."""
        facts = {"board_id": self._board, "task_id": self._task}
        with transaction.atomic(using=LIVE):
            rows = Stream.objects.using(LIVE)
            rows.bulk_create([Stream(name=self.stream, seq=0)], ignore_conflicts=True)
            row = rows.select_for_update().get(name=self.stream)
            events = [
                RecordedEvent(
                    stream=row,
                    seq=row.seq + number,
                    kind=TaskMoved.kind,
                    facts=facts,
                    occurred_at=timezone.now(),
                )
                for number in range(1, count + 1)
            ]
            RecordedEvent.objects.using(LIVE).bulk_create(events)
            row.seq += count
            row.save(using=LIVE)
        poke([(self.stream, row.seq)])
        return row.seq

    def held(self) -> int:
        """Inside a transaction: the number of the last event; until its commit there is none that comes after it."""
        return Stream.objects.using(LIVE).select_for_update().get(name=self.stream).seq

    def cursor(self, seq: int) -> str:
        """The cursor of an event."""
        return cursors.encode(self.stream, seq)

    def number(self, cursor: str) -> int:
        """The number of an event, by its cursor."""
        (seq,) = cursors.decode(cursor, self.stream)
        return int(seq)

    @contextmanager
    def told_all_the_while(self, a_second: float) -> Iterator[None]:
        """During the block somebody commits so many events a second."""
        is_over, failures = threading.Event(), []

        def tell() -> None:
            try:
                while not is_over.wait(1 / a_second):
                    self.tell()
            except Exception as error:
                failures.append(error)
            finally:
                connections[LIVE].close()

        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join(timeout=10)
        assert failures == [] and not thread.is_alive()
