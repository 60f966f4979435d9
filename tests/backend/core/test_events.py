import dataclasses
import re
from importlib import import_module

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from backend.accounts.models import User
from backend.boards.events import TaskClosed, TaskMoved
from backend.core import events as module
from backend.core.events import Event, event_of, heads, record, since
from backend.core.models import Pending, RecordedEvent, Stream
from social.follows.events import Followed
from tests.cast import Cast
from tests.snapshots import snapshot


def closed(board: int, task: int = 1) -> TaskClosed:
    return TaskClosed(board_id=board, task_id=task)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[list[tuple[str, int]]]:
    """What the sink is told, instead of the world outside."""
    heard: list[list[tuple[str, int]]] = []
    monkeypatch.setattr(module, "_sink", lambda: lambda marks: heard.append(list(marks)))
    return heard


def test_an_event_is_recorded_as_it_happened(cast: Cast):
    before = timezone.now()

    (row,) = record(closed(7, task=3), by=cast.ana)

    stored = RecordedEvent.objects.get(pk=row.pk)
    assert (stored.stream_id, stored.seq, stored.kind, stored.actor) == ("board:7", 1, "TaskClosed", cast.ana)
    assert stored.facts == {"board_id": 7, "task_id": 3}
    assert before <= stored.occurred_at <= timezone.now()
    assert event_of(stored) == closed(7, task=3)


def test_the_numbers_of_a_stream_start_at_one_and_have_no_gap(cast: Cast):
    assert heads(["board:7"]) == {}
    for number in (1, 2, 3):
        assert [row.seq for row in record(closed(7), by=None)] == [number]
    assert [row.seq for row in record(closed(8), by=None)] == [1]
    assert heads(["board:7", "board:8", "board:9"]) == {"board:7": 3, "board:8": 1}


def test_several_events_come_back_in_their_order_each_with_the_number_of_its_stream(cast: Cast):
    record(closed(9), by=None)

    rows = record(closed(9, 1), closed(7, 2), closed(9, 3), closed(8, 4), closed(7, 5), by=cast.bo)

    assert [(row.stream_id, row.seq, row.facts["task_id"]) for row in rows] == [
        ("board:9", 2, 1),
        ("board:7", 1, 2),
        ("board:9", 3, 3),
        ("board:8", 1, 4),
        ("board:7", 2, 5),
    ]
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)


def test_nothing_recorded_is_nothing_written(cast: Cast, told: list):
    before = snapshot()
    with transaction.atomic():
        assert record(by=cast.ana) == []
    assert (snapshot(), told) == (before, [])


def test_what_happened_is_read_from_a_number_on(cast: Cast, django_assert_num_queries):
    record(*(closed(7, task) for task in range(5)), closed(8), by=cast.ana)

    with django_assert_num_queries(1):
        after = [(row.seq, row.actor.handle if row.actor else None) for row in since("board:7", 2)]
    assert after == [(3, "ana"), (4, "ana"), (5, "ana")]
    assert list(since("board:7", 5)) == list(since("board:1", 0)) == []


def test_the_log_outlives_who_did_it(cast: Cast):
    stranger = User.objects.create(handle="dee", email="dee@example.org", display_name="Dee")
    (row,) = record(closed(7), by=stranger)
    stranger.delete()
    row.refresh_from_db()
    assert (row.actor, row.seq) == (None, 1)


@pytest.mark.django_db(transaction=True)
def test_an_event_without_the_transaction_that_made_it_true_is_a_bug():
    with pytest.raises(transaction.TransactionManagementError):
        record(closed(7), by=None)
    assert (RecordedEvent.objects.count(), Stream.objects.count()) == (0, 0)


def test_the_sink_is_told_streams_and_numbers_after_the_commit(
    cast: Cast, told: list, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        record(closed(7), closed(8), closed(7), by=cast.ana)
        assert told == []
    assert told == [[("board:7", 1), ("board:8", 1), ("board:7", 2)]]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_recorded_and_nobody_is_told(told: list):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(closed(7), by=None)
        raise ZeroDivisionError
    assert (told, heads(["board:7"]), Pending.objects.count()) == ([], {}, 0)

    with transaction.atomic():
        record(closed(7), by=None)
    assert told == [[("board:7", 1)]], "the number was not lost with the transaction that took it"


@pytest.mark.django_db(transaction=True)
def test_a_poke_that_fails_does_not_undo_or_spoil_what_was_done(monkeypatch: pytest.MonkeyPatch):
    def no_redis(marks: object) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(module, "_sink", lambda: no_redis)
    with transaction.atomic():
        record(closed(7), by=None)
    assert heads(["board:7"]) == {"board:7": 1}


def test_recording_takes_two_statements_however_many_events_and_two_more_when_somebody_reads_them(
    cast: Cast, django_assert_num_queries
):
    with django_assert_num_queries(2):
        record(closed(7), by=cast.ana)
    with django_assert_num_queries(2):
        record(*(closed(board) for board in range(100)), by=cast.ana)
    with django_assert_num_queries(3):  # 501 rows, in batches of 500
        record(*(closed(board) for board in range(501)), by=cast.ana)
    followed = [Followed(follower_id=1, user_id=2) for _ in range(100)]
    with django_assert_num_queries(4):
        record(*followed, closed(7), by=cast.ana)
    assert Pending.objects.filter(reader="notifications").count() == 100


def test_streams_are_locked_in_the_order_of_their_names(cast: Cast):
    with CaptureQueriesContext(connection) as statements:
        record(closed(9), closed(10), closed(1), by=None)
    assert re.findall(r"board:\d+", statements[0]["sql"]) == ["board:1", "board:10", "board:9"]


def test_facts_are_references_and_small_words_in_every_event_there_is():
    """Text that somebody may take back, or change, never stands in the log."""
    for app in apps.get_app_configs():
        if app.name.startswith(("backend.", "social.")) and module_has_submodule(app.module, "events"):
            import_module(f"{app.name}.events")
    kinds = [kind for kind in module._kinds.values() if kind.__module__.startswith(("backend", "social"))]
    assert len(kinds) >= 17
    for kind in kinds:
        for field in dataclasses.fields(kind):
            assert field.type in (int, int | None, str), f"{kind.__name__}.{field.name}"
            assert field.type is not str or field.name in ("subject", "reason", "verdict")


def test_an_event_cannot_be_changed_and_says_what_it_is():
    event = Followed(follower_id=1, user_id=2)
    assert (event.kind, event.stream) == ("Followed", "user:1")
    assert DjangoJSONEncoder().encode(dataclasses.asdict(event)) == (
        '{"follower_id": 1, "user_id": 2, "project_id": null, "community_id": null}'
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.follower_id = 3


def test_two_events_of_one_name_are_refused_wherever_they_stand(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_kinds", dict(module._kinds))
    with pytest.raises(TypeError, match="two events are called TaskMoved"):
        type("TaskMoved", (Event,), {"__module__": "elsewhere.events", "__qualname__": "TaskMoved"})
    assert module._kinds["TaskMoved"] is TaskMoved


def test_an_event_that_does_not_say_its_stream_cannot_be_recorded(cast: Cast):
    with pytest.raises(NotImplementedError):
        record(Event(), by=None)
