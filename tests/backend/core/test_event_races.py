"""Numbers of a stream have no gap and follow the order of commits, whoever else writes at the same moment."""

import threading
import time

from django.db import connection, transaction

from backend.boards.events import TaskClosed
from backend.core.events import record
from backend.core.models import RecordedEvent, Stream
from tests.cast import Cast
from tests.races import after_a_wait, race


def closed(board: int, task: int = 1) -> TaskClosed:
    return TaskClosed(board_id=board, task_id=task)


def numbers(stream: str) -> list[int]:
    return list(RecordedEvent.objects.filter(stream=stream).order_by("seq").values_list("seq", flat=True))


def test_many_who_speak_on_the_same_two_streams_leave_no_gap_and_never_wait_in_a_circle(racing_cast: Cast):
    def speak(racer: int) -> None:
        for turn in range(12):
            with transaction.atomic():
                # Half of them name the streams the other way round.
                boards = (7, 8) if racer % 2 else (8, 7)
                record(*(closed(board, task=100 * racer + turn) for board in boards), by=None)

    assert race(speak, range(12)) == ["NoneType"] * 12
    assert numbers("board:7") == numbers("board:8") == list(range(1, 145))
    assert dict(Stream.objects.values_list("name", "seq")) == {"board:7": 144, "board:8": 144}
    # Both were locked to the commit, so both tell the same story in the same order.
    stories = [
        list(
            RecordedEvent.objects.filter(stream=stream)
            .order_by("seq")
            .values_list("facts__task_id", flat=True)
        )
        for stream in ("board:7", "board:8")
    ]
    assert stories[0] == stories[1]


def test_a_reader_who_goes_by_numbers_never_finds_an_older_one_later(racing_cast: Cast):
    """What a live socket does: read what lies after the last number seen. It must never have to look back."""
    done = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while True:
            finished = done.is_set()
            rows = RecordedEvent.objects.filter(stream="board:7", seq__gt=seen[-1] if seen else 0).order_by(
                "seq"
            )
            seen.extend(rows.values_list("seq", flat=True))
            if finished:
                connection.close()
                return

    def speak(racer: int) -> None:
        for turn in range(15):
            with transaction.atomic():
                record(closed(7), by=None)
                time.sleep(0.001 * ((racer + turn) % 3))

    reader = threading.Thread(target=read)
    reader.start()
    race(speak, range(8))
    done.set()
    reader.join(timeout=30)
    assert seen == list(range(1, 121))


def test_who_records_second_waits_and_gets_the_next_number(racing_cast: Cast):
    def second() -> int:
        with transaction.atomic():
            return record(closed(7), by=None)[0].seq

    with after_a_wait(second) as came_out:
        assert record(closed(7), by=None)[0].seq == 1
    assert came_out == [2]


def test_a_number_is_not_lost_with_the_transaction_that_took_it(racing_cast: Cast):
    def speak(racer: int) -> None:
        with transaction.atomic():
            record(closed(7, task=racer), by=None)
            if racer % 3 == 0:
                raise ZeroDivisionError

    answers = race(speak, range(15))

    assert answers.count("ZeroDivisionError") == 5
    assert numbers("board:7") == list(range(1, 11))


def test_counting_without_the_lock_gives_one_number_to_many(racing_cast: Cast):
    """The control: "the greatest so far, plus one" meets the constraint, and only one of eight is heard."""
    Stream.objects.create(name="board:7", seq=0)
    everyone_has_looked = threading.Barrier(8)

    def speak(racer: int) -> None:
        with transaction.atomic():
            last = max(numbers("board:7"), default=0)
            everyone_has_looked.wait(timeout=10)
            RecordedEvent.objects.create(
                stream_id="board:7",
                seq=last + 1,
                kind="TaskClosed",
                facts={},
                occurred_at="2026-01-01T00:00Z",
            )

    answers = race(speak, range(8))

    assert (answers.count("NoneType"), answers.count("IntegrityError")) == (1, 7)


def test_ids_are_not_in_the_order_of_commits(racing_cast: Cast):
    """The control: whoever reads the log by id skips what was numbered earlier and committed later."""

    def on_another_stream() -> int:
        with transaction.atomic():
            return record(closed(8), by=None)[0].pk

    with transaction.atomic():
        early_id = record(closed(7), by=None)[0].pk
        late: list[int] = []
        thread = threading.Thread(target=lambda: (late.append(on_another_stream()), connection.close()))
        thread.start()
        thread.join(timeout=10)
        # Another connection sees the later id, and not the earlier one.
        assert race(lambda _: RecordedEvent.objects.get(pk=late[0]), [1]) == ["RecordedEvent"]
        assert race(lambda _: RecordedEvent.objects.get(pk=early_id), [1]) == ["DoesNotExist"]
    assert early_id < late[0]
