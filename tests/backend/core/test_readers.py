from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from backend.boards.events import TaskClosed, TaskMoved
from backend.core.events import record
from backend.core.models import Pending, RecordedEvent
from backend.core.readers import Reader, read_log, read_next, read_pending
from social.notifications.models import Notification
from tests.cast import Cast
from tests.races import after_a_wait, race
from tests.snapshots import snapshot

heard: list[tuple[str, int]] = []
#: How many people each event concerns, where it is more than one.
crowds: dict[str, int] = {}


def hear(row: RecordedEvent, after: int) -> None:
    """Remember what came."""
    heard.append((row.stream_id, row.seq))


def hear_and_break(row: RecordedEvent, after: int) -> None:
    """Die when something is written already."""
    hear(row, after)
    RecordedEvent.objects.update(kind="Overwritten")
    raise ZeroDivisionError


def hear_all_but_board_8(row: RecordedEvent, after: int) -> None:
    """Fail at one event."""
    hear(row, after)
    if row.stream_id == "board:8":
        raise ZeroDivisionError


def hear_by_twos(row: RecordedEvent, after: int) -> int | None:
    """Deal with two people of a crowd at a time."""
    heard.append((row.stream_id, after))
    return after + 2 if after + 2 < crowds.get(row.stream_id, 1) else None


ears = Reader(kinds={"TaskClosed"}, deal=hear)
broken = Reader(kinds={"TaskClosed"}, deal=hear_and_break)
deaf_to_8 = Reader(kinds={"TaskClosed"}, deal=hear_all_but_board_8)
by_twos = Reader(kinds={"TaskClosed"}, deal=hear_by_twos)


@pytest.fixture(autouse=True)
def one_reader(settings: Settings) -> None:
    settings.EVENT_READERS = {"ears": f"{__name__}.ears"}
    heard.clear()
    crowds.clear()


def become(settings: Settings, reader: str) -> None:
    settings.EVENT_READERS = {"ears": f"{__name__}.{reader}"}


def happen(*boards: int) -> None:
    with transaction.atomic():
        record(*(TaskClosed(board_id=board, task_id=1) for board in boards), by=None)


def run(job_id: int, attempts: int = 0) -> None:
    """A job, as the worker runs it."""
    read_log(SimpleNamespace(job=SimpleNamespace(id=job_id, attempts=attempts)), reader="ears")


def waiting() -> list[tuple[str, int, int | None]]:
    return list(Pending.objects.order_by("event_id").values_list("event__stream", "after", "job_id"))


def test_a_reader_is_handed_what_it_has_not_dealt_with_in_order_and_once(cast: Cast):
    happen(7, 8)
    happen(7)

    assert read_pending("ears") == 3
    assert heard == [("board:7", 1), ("board:8", 1), ("board:7", 2)]
    assert (read_pending("ears"), len(heard), waiting()) == (0, 3, [])


def test_for_each_event_that_a_reader_wants_there_is_a_mark_and_a_job(cast: Cast, jobs, settings: Settings):
    settings.EVENT_READERS = {"ears": f"{__name__}.ears", "mouth": f"{__name__}.broken"}
    happen(7, 8)
    assert list(Pending.objects.order_by("pk").values_list("reader", "event__stream")) == [
        ("ears", "board:7"),
        ("mouth", "board:7"),
        ("ears", "board:8"),
        ("mouth", "board:8"),
    ]
    assert jobs() == [("read_log", {"reader": reader}, "todo") for reader in ("ears", "mouth") * 2]


def test_what_nobody_wants_leaves_neither(cast: Cast, jobs, django_assert_num_queries):
    with django_assert_num_queries(2):
        record(TaskMoved(board_id=7, task_id=1), by=None)
    assert (waiting(), jobs()) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_a_job_falls_with_the_transaction_that_asked_for_it(jobs):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        happen(7)
        assert len(jobs()) == 1
        raise ZeroDivisionError
    assert (waiting(), jobs()) == ([], [])


def test_a_job_deals_with_one_event_and_one_too_many_with_none(cast: Cast):
    happen(7, 8)
    run(1)
    assert heard == [("board:7", 1)]
    run(2)
    run(3)
    assert heard == [("board:7", 1), ("board:8", 1)]


def test_readers_do_not_wait_for_each_other(cast: Cast, settings: Settings):
    settings.EVENT_READERS = {"ears": f"{__name__}.ears", "mouth": f"{__name__}.broken"}
    happen(7)

    assert read_pending("ears") == 1
    assert list(Pending.objects.values_list("reader", flat=True)) == ["mouth"]


def test_a_reader_that_dies_has_written_nothing_and_is_handed_the_event_again(
    racing_cast: Cast, settings: Settings
):
    happen(7, 8)
    before = snapshot()
    become(settings, "broken")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            read_next("ears")
    assert (snapshot(), heard) == (before, [("board:7", 1)] * 2)

    become(settings, "ears")
    assert read_pending("ears") == 2
    assert heard[2:] == [("board:7", 1), ("board:8", 1)]


def test_an_event_that_fails_is_put_aside_with_its_job_and_the_others_go_on(
    racing_cast: Cast, settings: Settings
):
    happen(7, 8, 9)
    become(settings, "deaf_to_8")
    run(1)
    with pytest.raises(ZeroDivisionError):
        run(2)
    assert waiting() == [("board:8", 0, 2), ("board:9", 0, None)]
    run(3)
    assert (heard, waiting()) == ([("board:7", 1), ("board:8", 1), ("board:9", 1)], [("board:8", 0, 2)])

    # Nobody else tries it, and its own job nothing else.
    happen(9)
    run(4)
    with pytest.raises(ZeroDivisionError):
        run(2, attempts=1)
    assert (heard[3:], waiting()) == ([("board:9", 2), ("board:8", 1)], [("board:8", 0, 2)])
    become(settings, "ears")
    assert read_pending("ears") == 0
    run(2, attempts=2)
    assert (heard[5:], waiting()) == ([("board:8", 1)], [])


def test_without_being_put_aside_it_would_hold_up_the_others(racing_cast: Cast, settings: Settings):
    """The control: nobody tries it again by itself, as when the log was read in one line."""
    happen(8, 9)
    become(settings, "deaf_to_8")
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            read_next("ears")
    assert heard == [("board:8", 1)] * 3


def test_what_killed_its_worker_is_put_aside_before_it_is_tried_again(racing_cast: Cast, settings: Settings):
    """A dead process tells nobody why: so it is not known what killed it, and the job that comes back is careful."""
    happen(7, 8)
    become(settings, "by_twos")

    def die(row: RecordedEvent, after: int) -> None:
        assert waiting() == [("board:7", 0, 1), ("board:8", 0, None)]
        assert race(lambda _: waiting(), [1]) == ["list"]
        raise KeyboardInterrupt

    settings.EVENT_READERS = {"ears": f"{__name__}.dying"}
    globals()["dying"] = Reader(kinds=(), deal=die)
    with pytest.raises(KeyboardInterrupt):
        run(1, attempts=1)
    become(settings, "ears")
    run(2)
    assert (heard, waiting()) == ([("board:8", 1)], [("board:7", 0, 1)])


def test_a_crowd_is_dealt_with_in_parts_each_of_which_asks_for_the_next(cast: Cast, jobs, settings: Settings):
    become(settings, "by_twos")
    crowds["board:7"] = 5
    happen(7)
    for part, after in enumerate((2, 4), start=1):
        run(part)
        assert waiting() == [("board:7", after, None)]
        assert len(jobs()) == part + 1
    run(3)
    assert (heard, waiting(), len(jobs())) == ([("board:7", 0), ("board:7", 2), ("board:7", 4)], [], 3)


def test_news_for_few_does_not_wait_for_a_crowd_and_of_two_crowds_the_first_goes_on(
    cast: Cast, settings: Settings
):
    become(settings, "by_twos")
    crowds.update({"board:1": 5, "board:2": 3})
    happen(1)
    run(1)
    happen(2, 3)
    assert read_pending("ears") == 5
    assert heard == [
        ("board:1", 0),
        ("board:2", 0),
        ("board:3", 0),
        ("board:1", 2),
        ("board:1", 4),
        ("board:2", 2),
    ]


def test_a_part_that_fails_is_tried_again_by_itself_and_then_the_crowd_goes_on(
    racing_cast: Cast, jobs, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    become(settings, "by_twos")
    crowds["board:7"] = 5
    happen(7)
    run(1)
    become(settings, "broken")
    with pytest.raises(ZeroDivisionError):
        run(2)
    assert (waiting(), len(jobs())) == ([("board:7", 2, 2)], 2)
    become(settings, "by_twos")
    run(2, attempts=1)
    assert (waiting(), len(jobs())) == ([("board:7", 4, None)], 3)


def test_a_reader_works_inside_no_other_transaction(racing_cast: Cast):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        read_next("ears")


def test_one_reads_at_a_time_and_the_other_waits_for_it(racing_cast: Cast):
    happen(7, 8)
    with after_a_wait(lambda: read_next("ears")) as came_out, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('reader:ears'))")
        hear(Pending.objects.earliest("event_id").event, 0)
        Pending.objects.earliest("event_id").delete()
    # What the first dealt with meanwhile is not dealt with again.
    assert (came_out, heard) == ([True], [("board:7", 1), ("board:8", 1)])


def test_eight_at_once_deal_with_every_event_once_and_in_order(racing_cast: Cast):
    for board in range(1, 31):
        happen(board)

    assert sum(answer == "int" for answer in race(lambda _: read_pending("ears"), range(8))) == 8
    assert heard == [(f"board:{board}", 1) for board in range(1, 31)]


def test_an_event_of_a_transaction_that_commits_late_is_not_skipped(racing_cast: Cast):
    """The control: a reader that remembers the last id it saw would miss it, for ids are handed out before the commit."""
    late_ids: list[int] = []

    def happen_early(_: int) -> None:
        happen(9)
        read_pending("ears")

    with transaction.atomic():
        late_ids += [row.pk for row in record(TaskClosed(board_id=7, task_id=1), by=None)]
        assert race(happen_early, [1]) == ["NoneType"]
        last_seen = RecordedEvent.objects.exclude(pk__in=late_ids).latest("pk").pk
    assert heard == [("board:9", 1)]

    assert not RecordedEvent.objects.filter(pk__gt=last_seen).exists(), "an id behind the mark, for ever"
    assert read_pending("ears") == 1
    assert heard == [("board:9", 1), ("board:7", 1)]


def test_the_log_is_read_by_who_writes_notifications(racing_cast: Cast, settings: Settings):
    settings.EVENT_READERS = {"notifications": "social.notifications.writer.reader"}
    happen(7)
    assert (read_pending("notifications"), Notification.objects.count()) == (0, 0)


def test_an_event_waits_once_for_a_reader(cast: Cast):
    happen(7)
    pending = Pending.objects.get()
    with pytest.raises(IntegrityError, match="event_is_pending_once_a_reader"), transaction.atomic():
        Pending.objects.create(reader=pending.reader, event=pending.event)
