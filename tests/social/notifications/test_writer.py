from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import User
from backend.boards.claims import claim_task, release_claim, review_work, submit_work
from backend.boards.events import ClaimReleased
from backend.core.models import Pending, RecordedEvent
from backend.core.readers import read_next, read_pending
from backend.projects.models import Project
from social.comments.actions import add_comment
from social.follows.actions import follow
from social.follows.models import Follow
from social.notifications import rules, writer
from social.notifications.actions import mark_notifications_read
from social.notifications.models import Notification, NotificationActor, NotificationKind
from social.updates.actions import draft_update, publish_update
from tests.cast import Cast, person
from tests.races import race
from tests.snapshots import snapshot
from tests.social.notifications.test_sentences import said


def say(cast: Cast, by: User) -> None:
    add_comment(kind=Project, subject_id=cast.project.pk, by=by, body="Hello")


def handles(notification: Notification) -> list[str]:
    return [actor.user.handle for actor in notification.actors.order_by("-seq").select_related("user")]


def test_a_notification_is_written_and_told_on_its_persons_stream(cast: Cast, read_events, recorded):
    say(cast, cast.cy)
    recorded()
    happened = RecordedEvent.objects.get()

    read_events()

    written = Notification.objects.get()
    assert (written.user, written.kind, written.subject_project) == (cast.ana, "COMMENT", cast.project)
    assert (written.occurred_at, written.read_at, written.seq, written.actor_count) == (
        happened.occurred_at,
        None,
        1,
        1,
    )
    assert handles(written) == ["cy"]
    assert said(written) == "Cy commented on “Huerta del río”."
    facts = {"user_id": cast.ana.pk, "notification_id": written.pk}
    assert recorded() == [("NotificationReceived", f"user:{cast.ana.pk}", 1, facts)]
    assert RecordedEvent.objects.latest("pk").actor == cast.cy
    assert not Pending.objects.exists(), "that somebody was told concerns nobody"


def test_more_of_the_same_joins_what_is_not_read_yet(cast: Cast, read_events):
    """Ada and 11 others: one line in the list, however many they are, the latest first."""
    people = [person(f"p{number}") for number in range(11)] + [person("ada")]
    for by in people:
        say(cast, by)
    read_events()

    (written,) = Notification.objects.all()
    assert (written.actor_count, written.seq) == (12, 12)
    assert handles(written) == ["ada", *(f"p{number}" for number in reversed(range(11)))]
    assert said(written) == "Ada and 11 others commented on “Huerta del río”."
    assert written.occurred_at == RecordedEvent.objects.filter(kind="CommentAdded").latest("pk").occurred_at


def test_whoever_says_more_is_counted_once_and_moves_to_the_front(cast: Cast, read_events):
    for by in (cast.cy, cast.bo, cast.cy):
        say(cast, by)
        read_events()
    (written,) = Notification.objects.all()
    assert (written.actor_count, handles(written)) == (2, ["cy", "bo"])
    assert said(written) == "Cy and 1 other commented on “Huerta del río”."


def test_what_is_read_stays_as_it_was_read_and_a_new_one_begins(cast: Cast, read_events):
    say(cast, cast.cy)
    read_events()
    mark_notifications_read(by=cast.ana, up_to=1)
    before = Notification.objects.values().get()

    say(cast, cast.bo)
    read_events()

    old, new = Notification.objects.order_by("seq")
    assert Notification.objects.values().get(pk=old.pk) == before
    assert (handles(old), handles(new)) == (["cy"], ["bo"])
    assert (new.read_at, new.actor_count, new.seq) == (None, 1, 2)


def test_each_kind_and_each_subject_is_a_line_of_its_own(cast: Cast, read_events):
    say(cast, cast.cy)
    follow(kind=Project, target_id=cast.project.pk, by=cast.cy)
    follow(kind=User, target_id=cast.ana.pk, by=cast.cy)
    held = claim_task(task_id=cast.task.pk, by=cast.cy)
    submit_work(claim_id=held.pk, by=cast.cy)
    review_work(claim_id=held.pk, by=cast.ana, verdict="REQUEST_CHANGES")
    read_events()

    assert [said(row) for row in Notification.objects.filter(user=cast.ana).order_by("seq")] == [
        "Cy commented on “Huerta del río”.",
        "Cy follows “Huerta del río”.",
        "Cy follows you.",
        "Cy took on “Paint the gate”.",
        "Cy handed in work for “Paint the gate”.",
    ]
    assert [said(row) for row in Notification.objects.filter(user=cast.cy)] == [
        "Your work on “Paint the gate” needs changes."
    ]


def test_what_happens_by_itself_has_nobody_behind_it(
    cast: Cast, read_events, monkeypatch: pytest.MonkeyPatch
):
    def to_ana(event: ClaimReleased) -> Iterator[rules.Notice]:
        yield rules.Notice(
            kind=NotificationKind.COMMENT, subject="task", subject_id=event.task_id, recipients=[cast.ana.pk]
        )

    monkeypatch.setitem(rules.RULES, ClaimReleased.kind, to_ana)
    held = claim_task(task_id=cast.task.pk, by=cast.ana)
    release_claim(claim_id=held.pk, by=cast.ana)
    RecordedEvent.objects.filter(kind="ClaimReleased").update(actor=None)
    read_events()
    written = Notification.objects.get(user=cast.ana)
    assert (
        written.actor_count,
        handles(written),
        NotificationActor.objects.filter(notification=written).count(),
    ) == (
        0,
        [],
        0,
    )


def test_a_reader_that_dies_half_way_has_told_nobody_and_tells_everybody_once_later(
    racing_cast: Cast, read_events, monkeypatch: pytest.MonkeyPatch
):
    """It dies with the notification, and the event that tells of it, written and not committed."""
    say(racing_cast, racing_cast.cy)
    before, write = snapshot(), writer._write

    def write_and_die(*args: Any) -> None:
        write(*args)
        assert (Notification.objects.count(), Notification.objects.get().seq) == (1, 1)
        raise ZeroDivisionError

    monkeypatch.setattr(writer, "_write", write_and_die)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            read_next("notifications")
        assert snapshot() == before

    monkeypatch.setattr(writer, "_write", write)
    read_events()
    (notification,) = Notification.objects.all()
    assert (notification.actor_count, notification.seq) == (1, 1)


def crowd(cast: Cast, number: int) -> list[User]:
    """So many people who follow the project, and an update that tells them."""
    fans = User.objects.bulk_create(
        User(handle=f"fan{number}", email=f"fan{number}@example.org", display_name="Fan", password="!")
        for number in range(number)
    )
    Follow.objects.bulk_create(Follow(follower=fan, project=cast.project) for fan in fans)
    draft = draft_update(project_id=cast.project.pk, by=cast.ana, title="First water", body="It runs.")
    publish_update(update_id=draft.pk, by=cast.ana)
    return fans


def told() -> list[int]:
    news = Notification.objects.filter(kind="UPDATE_PUBLISHED").order_by("user")
    return list(news.values_list("user", flat=True))


def test_a_crowd_is_told_in_batches_with_statements_that_do_not_grow(cast: Cast, recorded):
    fans = crowd(cast, 1_200)
    recorded()

    statements = []
    for batch in (500, 1_000, 1_200):
        with CaptureQueriesContext(connection) as captured:
            assert read_next("notifications")
        statements.append(len(captured))
        assert told() == [fan.pk for fan in fans[:batch]]
    assert not read_next("notifications")

    assert {seq for _, _, seq, _ in recorded()} == {1}
    assert (
        RecordedEvent.objects.filter(kind="NotificationReceived").values("stream").distinct().count() == 1_200
    )
    # The lock, what is next, the news, who of its readers is here; look, insert, numbers, events, actors known, actors,
    # and what changed; that it got so far, and the job that goes on; and where a real transaction would be, a savepoint.
    assert statements == [4 + 7 + 2 + 2, 4 + 7 + 2 + 2, 4 + 7 + 1 + 2]


def test_a_crowd_that_fills_its_last_batch_is_told_once(cast: Cast):
    fans = crowd(cast, 1_000)
    assert [read_next("notifications") for _ in range(4)] == [True, True, True, False]
    assert told() == [fan.pk for fan in fans]


def test_a_crowd_whose_reader_dies_between_and_in_its_batches_is_told_once_each(
    racing_cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    fans, write = crowd(racing_cast, 1_200), writer._write

    def write_and_die(*args: Any) -> None:
        write(*args)
        raise ZeroDivisionError

    for batch in (500, 1_000, 1_200):
        monkeypatch.setattr(writer, "_write", write_and_die)
        before = snapshot()
        with pytest.raises(ZeroDivisionError):
            read_next("notifications")
        assert snapshot() == before
        monkeypatch.setattr(writer, "_write", write)
        assert read_next("notifications")
        assert told() == [fan.pk for fan in fans[:batch]]
    assert set(Notification.objects.values_list("seq", "actor_count")) == {(1, 1)}


def test_whoever_comes_or_goes_while_a_crowd_is_told_takes_nothing_from_the_others(cast: Cast):
    fans = crowd(cast, 600)
    read_next("notifications")
    User.objects.filter(pk__in=[fans[0].pk, fans[550].pk]).update(is_active=False)
    follow(kind=Project, target_id=cast.project.pk, by=(late := person("late")))
    read_pending("notifications")
    assert told() == [*(fan.pk for fan in fans[:550]), *(fan.pk for fan in fans[551:]), late.pk]


def test_two_notices_of_one_event_get_equally_far(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """The one that has fewer people left does not run ahead: nobody is told twice, and nobody passed over."""
    monkeypatch.setattr(writer, "BATCH", 2)
    people = [person(f"p{number}").pk for number in range(7)]

    def two(event: ClaimReleased) -> Iterator[rules.Notice]:
        for kind, recipients in (
            (NotificationKind.COMMENT, [people[0], people[1], people[3], people[5]]),
            (NotificationKind.REPLY, {people[6], people[2], people[4], people[1]}),
        ):
            yield rules.Notice(kind=kind, subject="task", subject_id=event.task_id, recipients=recipients)

    monkeypatch.setitem(rules.RULES, ClaimReleased.kind, two)
    held = claim_task(task_id=cast.task.pk, by=cast.cy)
    release_claim(claim_id=held.pk, by=cast.cy)
    read_pending("notifications")
    rows = Notification.objects.filter(kind__in=("COMMENT", "REPLY")).order_by("user", "kind")
    expected = [(0, "COMMENT"), (1, "COMMENT"), (1, "REPLY"), (2, "REPLY"), (3, "COMMENT"), (4, "REPLY")]
    assert list(rows.values_list("user", "kind")) == [
        (people[number], kind) for number, kind in [*expected, (5, "COMMENT"), (6, "REPLY")]
    ]


def test_of_eight_who_read_at_once_one_tells(racing_cast: Cast):
    say(racing_cast, racing_cast.cy)
    assert race(lambda _: read_pending("notifications"), range(8)) == ["int"] * 8
    assert (Notification.objects.count(), Notification.objects.get().seq) == (1, 1)


def test_people_read_and_speak_while_the_log_is_read_and_nothing_is_lost(racing_cast: Cast, read_events):
    """Everybody at once: two read the log, Ana marks everything as read, four speak, and nobody waits in a circle."""
    speakers = [person(f"speaker{number}") for number in range(4)]

    def speak(by: User) -> None:
        for _ in range(6):
            say(racing_cast, by)
            follow(kind=User, target_id=racing_cast.ana.pk, by=by)

    def act(racer: User | Callable[[], object]) -> None:
        if isinstance(racer, User):
            speak(racer)
        else:
            for _ in range(25):
                racer()

    def read() -> None:
        read_next("notifications")

    def mark() -> None:
        mark_notifications_read(by=racing_cast.ana, up_to=10**9)

    assert race(act, [*speakers, read, read, mark, mark]) == ["NoneType"] * 8
    read_events()

    told = RecordedEvent.objects.filter(stream=f"user:{racing_cast.ana.pk}").order_by("seq")
    assert list(told.values_list("seq", flat=True)) == list(range(1, 4 * 6 + 4 + 1))
    last = {
        kind: Notification.objects.filter(kind=kind).order_by("-seq").first()
        for kind in ("COMMENT", "NEW_FOLLOWER")
    }
    assert max(row.seq for row in last.values()) == 28
    assert Notification.objects.unread().count() <= 2
    for row in Notification.objects.all():
        assert row.actor_count == row.actors.count() > 0


def test_the_person_who_did_it_is_the_actor_of_the_telling(cast: Cast, read_events):
    follow(kind=User, target_id=cast.ana.pk, by=cast.cy)
    read_events()
    assert RecordedEvent.objects.get(kind="NotificationReceived").actor == cast.cy
    assert Notification.objects.get().occurred_at <= timezone.now()
