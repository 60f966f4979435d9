import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from backend.boards.events import TaskClosed
from backend.core.events import read_pending, record
from backend.core.models import Pending, RecordedEvent
from social.notifications.models import Notification
from tests.cast import Cast
from tests.races import race
from tests.snapshots import snapshot

heard: list[tuple[str, int]] = []


def hear(rows: list[RecordedEvent]) -> None:
    """A reader that remembers what it was handed."""
    heard.extend((row.stream_id, row.seq) for row in rows)


def hear_and_break(rows: list[RecordedEvent]) -> None:
    """A reader that dies when it has already written something."""
    hear(rows)
    RecordedEvent.objects.update(kind="Overwritten")
    raise ZeroDivisionError


def hear_until_board_8(rows: list[RecordedEvent]) -> None:
    """A reader that cannot deal with one event."""
    hear(rows)
    if heard[-1][0] == "board:8":
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def one_reader(settings: Settings) -> None:
    settings.EVENT_READERS = {"ears": f"{__name__}.hear"}
    heard.clear()


def happen(*boards: int) -> None:
    with transaction.atomic():
        record(*(TaskClosed(board_id=board, task_id=1) for board in boards), by=None)


def test_a_reader_is_handed_what_it_has_not_dealt_with_in_order_and_once(cast: Cast):
    happen(7, 8)
    happen(7)

    assert read_pending("ears") == 3
    assert heard == [("board:7", 1), ("board:8", 1), ("board:7", 2)]
    assert read_pending("ears") == 0
    assert (len(heard), Pending.objects.count()) == (3, 0)


def test_a_pass_takes_no_more_than_it_was_asked_to(cast: Cast):
    happen(*range(1, 6))

    assert [read_pending("ears", limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert heard == [(f"board:{board}", 1) for board in range(1, 6)]


def test_readers_do_not_wait_for_each_other(cast: Cast, settings: Settings):
    settings.EVENT_READERS = {"ears": f"{__name__}.hear", "mouth": f"{__name__}.hear_and_break"}
    happen(7)

    assert read_pending("ears") == 1
    assert list(Pending.objects.values_list("reader", flat=True)) == ["mouth"]


def test_a_reader_that_dies_has_written_nothing_and_is_handed_the_event_again(
    racing_cast: Cast, settings: Settings
):
    happen(7, 8)
    before = snapshot()
    settings.EVENT_READERS = {"ears": f"{__name__}.hear_and_break"}
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            read_pending("ears")
    assert (snapshot(), heard) == (before, [("board:7", 1)] * 2)

    settings.EVENT_READERS = {"ears": f"{__name__}.hear"}
    assert read_pending("ears") == 2
    assert heard[2:] == [("board:7", 1), ("board:8", 1)]


def test_what_was_dealt_with_before_a_reader_died_stays_so(racing_cast: Cast, settings: Settings):
    happen(7, 8, 9)
    settings.EVENT_READERS = {"ears": f"{__name__}.hear_until_board_8"}
    with pytest.raises(ZeroDivisionError):
        read_pending("ears")
    assert list(Pending.objects.order_by("event_id").values_list("event__stream", flat=True)) == [
        "board:8",
        "board:9",
    ]


def test_a_reader_works_inside_no_other_transaction(racing_cast: Cast):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        read_pending("ears")


def test_a_pass_that_starts_while_another_runs_finds_nothing(racing_cast: Cast):
    happen(7)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('reader:ears'))")
        assert race(lambda _: read_pending("ears") or None, [1]) == ["NoneType"]
        assert race(lambda _: read_pending("ears"), [1]) == ["int"]
    assert (heard, Pending.objects.count()) == ([], 1)
    assert read_pending("ears") == 1


def test_eight_passes_at_once_deal_with_every_event_once(racing_cast: Cast):
    for board in range(1, 31):
        happen(board)

    def read_until_nothing_is_left(_: int) -> None:
        while Pending.objects.exists():
            read_pending("ears", limit=3)

    assert race(read_until_nothing_is_left, range(8)) == ["NoneType"] * 8
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
    settings.EVENT_READERS = {"notifications": "social.notifications.writer.write_notifications"}
    happen(7)
    assert (read_pending("notifications"), Notification.objects.count()) == (1, 0)


def test_an_event_waits_once_for_a_reader(cast: Cast):
    happen(7)
    pending = Pending.objects.get()
    with pytest.raises(IntegrityError, match="event_is_pending_once_a_reader"), transaction.atomic():
        Pending.objects.create(reader=pending.reader, event=pending.event)
