"""The demo as `make run` tells it: run twice by its command, in processes that hash differently."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from backend.accounts.actions import WrongCredentials, log_in
from backend.accounts.models import User
from backend.boards.models import Claim, ClaimState, ReleaseReason, Task, TaskState
from backend.communities.models import Community, CommunityKind
from backend.core.models import Pending, RecordedEvent, Stream
from backend.projects.models import PUBLIC, Category, Project, ProjectStatus, Review
from social.comments.models import Comment
from social.demo.people import PEOPLE
from social.follows.models import Follow
from social.notifications.models import Notification, NotificationKind
from social.updates.models import Audience, Update
from tests.social.demo.rows import OURS, empty_tables, tables


def demo_in_a_process_of_its_own(hash_seed: int) -> str:
    # The same server as ours, and the database of the tests.
    server, question, options = os.environ["DATABASE_URL"].partition("?")
    database = f"{server.rpartition('/')[0]}/{connection.settings_dict['NAME']}{question}{options}"
    return subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "DATABASE_URL": database, "PYTHONHASHSEED": str(hash_seed)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, dict, str, dict]]:
    """Two demos one after the other, each with what it printed; the second is there for the tests to read."""
    with django_db_blocker.unblock():
        empty_tables()
        first = demo_in_a_process_of_its_own(1), tables(times=False)
        empty_tables()
        second = demo_in_a_process_of_its_own(2), tables(times=False)
    yield *first, *second
    with django_db_blocker.unblock():
        empty_tables()


@pytest.fixture
def demo(told: Any, db: None) -> str:
    """The demo's rows, which the test may change; what the command printed."""
    return told[2]


@pytest.mark.django_db
def test_two_demos_are_the_same_but_for_their_times(told: tuple[str, dict, str, dict]):
    first_out, first, second_out, second = told

    assert second == first
    assert second_out == first_out
    assert len(first["User"]) == 40


def test_it_has_the_people_and_projects_that_it_promises(demo: str):
    assert User.objects.count() == 40
    assert Project.objects.count() == 12
    assert set(Project.objects.values_list("category", flat=True)) == set(Category.values)
    public = Project.objects.visible_to(None)
    assert set(public.values_list("category", flat=True)) == set(Category.values)
    assert set(public.values_list("locale", flat=True)) == {"es", "ca", "eu", "gl", "fr", "en", "pt"}
    assert Counter(Project.objects.values_list("status", flat=True)) == {
        ProjectStatus.LIVE: 8,
        ProjectStatus.DRAFT: 1,
        ProjectStatus.IN_REVIEW: 1,
        ProjectStatus.APPROVED: 1,
        ProjectStatus.REJECTED: 1,
    }
    assert Counter(Community.objects.values_list("kind", flat=True)) == {
        CommunityKind.LOCAL: 3,
        CommunityKind.THEMATIC: 2,
    }
    assert set(Review.objects.values_list("verdict", flat=True)) == {"APPROVE", "REQUEST_CHANGES", "REJECT"}


def test_its_boards_have_work_in_every_state(demo: str):
    assert set(Task.objects.values_list("state", flat=True)) == set(TaskState.values)
    huerta = Task.objects.filter(board__project__slug="huerta-del-rio")
    assert set(huerta.values_list("state", flat=True)) == set(TaskState.values)
    assert set(Claim.objects.values_list("state", flat=True)) == set(ClaimState.values)
    assert set(Claim.objects.values_list("release_reason", flat=True)) == {
        "",
        ReleaseReason.GIVEN_UP,
        ReleaseReason.REVOKED,
    }
    assert Claim.objects.filter(state=ClaimState.CLAIMED).exclude(review_note="").exists()
    assert Task.objects.filter(
        slots__gt=1, accepted_count__gt=0, submitted_count__gt=0, open_slots__gt=0
    ).exists()


def test_its_updates_are_in_every_audience_and_one_is_a_draft(demo: str):
    assert set(Update.objects.published().values_list("audience", flat=True)) == set(Audience.values)
    assert list(Update.objects.filter(published_at=None).values_list("project__slug", flat=True)) == [
        "huerta-del-rio"
    ]
    assert len(set(Update.objects.published().values_list("project__locale", flat=True))) == 7


def test_people_answer_each_other(demo: str):
    assert max(Comment.objects.values_list("depth", flat=True)) >= 3
    for subject in ("project", "update", "task"):
        assert Comment.objects.filter(**{f"{subject}__isnull": False}).count() >= 10
    authors = set(Comment.objects.values_list("author__handle", flat=True))
    assert len(authors) >= 30
    # Nobody who is named is a mere number: each follows somebody, and is followed or has a say.
    assert set(Follow.objects.values_list("follower__handle", flat=True)) == {each.handle for each in PEOPLE}


def test_three_of_them_log_in_and_nobody_else_does(demo: str):
    for address, handle in (
        ("ana@example.org", "ana"),
        ("bo@example.org", "bo"),
        ("staff@example.org", "sol"),
    ):
        session, _ = log_in(email=address, password="riega-la-huerta")
        assert session.user.handle == handle
        assert address in demo
    assert "riega-la-huerta" in demo
    with pytest.raises(WrongCredentials):
        log_in(email="lucia@example.org", password="riega-la-huerta")
    assert sum(user.has_usable_password() for user in User.objects.all()) == 3
    assert list(User.objects.filter(Q(is_staff=True) | Q(is_superuser=True)).values_list("handle")) == [
        ("sol",)
    ]


def test_ana_owns_and_bo_collaborates(demo: str):
    huerta = Project.objects.get(slug="huerta-del-rio")
    assert (huerta.owner.handle, huerta.locale, huerta.category) == ("ana", "es", Category.ECOLOGICAL)
    assert list(huerta.team.values_list("user__handle", "role")) == [
        ("ana", "OWNER"),
        ("bo", "COORDINATOR"),
        ("lucia", "EDITOR"),
    ]
    bo = User.objects.get(handle="bo")
    projects = Claim.objects.held().filter(claimant=bo).values_list("task__board__project__slug", flat=True)
    assert len(set(projects)) >= 4
    assert bo.open_claim_count >= 3
    unread = Counter(Notification.objects.unread().values_list("user__handle", flat=True))
    assert unread["ana"] >= 5
    assert unread["bo"] >= 2


def test_notifications_were_written_by_reading_the_log(demo: str):
    assert not Pending.objects.exists()
    assert set(Notification.objects.values_list("kind", flat=True)) == set(NotificationKind.values)
    assert Notification.objects.exclude(read_at=None).exists()
    assert Notification.objects.filter(actor_count__gt=1).exists()


COUNTERS: list[tuple[str, Callable[[], models.QuerySet], Callable[[Any], int]]] = [
    ("user.follower_count", User.objects.all, lambda user: user.followed_by.count()),
    ("user.following_count", User.objects.all, lambda user: user.follows.count()),
    (
        "user.project_count",
        User.objects.all,
        lambda user: user.owned_projects.filter(status__in=PUBLIC).count(),
    ),
    (
        "user.completed_task_count",
        User.objects.all,
        lambda user: user.claims.filter(state=ClaimState.ACCEPTED).count(),
    ),
    (
        "user.minutes_given",
        User.objects.all,
        lambda user: user.claims.filter(state=ClaimState.ACCEPTED).aggregate(
            sum=Sum("minutes_spent", default=0)
        )["sum"],
    ),
    (
        "user.open_claim_count",
        User.objects.all,
        lambda user: user.claims.filter(state__in=[ClaimState.CLAIMED, ClaimState.SUBMITTED]).count(),
    ),
    ("community.follower_count", Community.objects.all, lambda community: community.followed_by.count()),
    (
        "community.project_count",
        Community.objects.all,
        lambda community: community.projects.filter(status__in=PUBLIC).count(),
    ),
    ("project.follower_count", Project.objects.all, lambda project: project.followed_by.count()),
    ("project.comment_count", Project.objects.all, lambda project: project.comments.count()),
    ("project.update_count", Project.objects.all, lambda project: project.updates.published().count()),
    ("update.comment_count", Update.objects.all, lambda update: update.comments.count()),
    ("task.comment_count", Task.objects.all, lambda task: task.comments.count()),
    *(
        (
            f"task.{state.lower()}_count",
            Task.objects.all,
            lambda task, state=state: task.claims.filter(state=state).count(),
        )
        for state in (ClaimState.CLAIMED, ClaimState.SUBMITTED, ClaimState.ACCEPTED)
    ),
    ("comment.reply_count", Comment.objects.all, lambda comment: comment.replies.count()),
    ("notification.actor_count", Notification.objects.all, lambda notification: notification.actors.count()),
    (
        "stream.seq",
        Stream.objects.all,
        lambda stream: stream.events.aggregate(count=Count("pk"))["count"],
    ),
]


@pytest.mark.parametrize(("name", "rows", "counted"), COUNTERS, ids=[counter[0] for counter in COUNTERS])
def test_every_counter_is_what_can_be_counted(demo: str, name: str, rows: Any, counted: Any):
    column = name.partition(".")[2]
    kept = {str(row.pk): getattr(row, column) for row in rows()}

    assert kept == {str(row.pk): counted(row) for row in rows()}
    assert any(kept.values())


def test_it_happened_over_the_past_weeks_and_in_order(demo: str):
    now = timezone.now()
    for model in OURS:
        for column in [
            field for field in model._meta.get_fields() if isinstance(field, models.DateTimeField)
        ]:
            if column.name in ("expires_at", "due_at"):
                continue
            late = model._base_manager.filter(**{f"{column.name}__gt": now})
            assert not late.exists(), f"{model.__name__}.{column.name} is in the future"
    assert not Update.objects.filter(published_at__lt=F("created_at")).exists()
    assert not Comment.objects.filter(created_at__lt=F("parent__created_at")).exists()
    assert not Comment.objects.filter(created_at__lt=F("update__published_at")).exists()
    assert not Comment.objects.filter(created_at__lt=F("task__created_at")).exists()
    assert not Claim.objects.filter(submitted_at__lt=F("claimed_at")).exists()
    assert not Claim.objects.filter(claimed_at__lt=F("task__created_at")).exists()
    assert not Project.objects.filter(launched_at__lt=F("submitted_at")).exists()
    assert not User.objects.filter(created_at__gt=now - timedelta(days=56)).exists()
    for model, column in ((Comment, "created_at"), (Follow, "created_at"), (Claim, "claimed_at")):
        weeks = {(now - each).days // 7 for each in model.objects.values_list(column, flat=True)}
        assert len(weeks) >= 5, f"{model.__name__} all happen at once"


def test_the_log_and_the_notifications_run_forward(demo: str):
    by_stream = defaultdict(list)
    for stream, when in RecordedEvent.objects.order_by("stream", "seq").values_list("stream", "occurred_at"):
        by_stream[stream].append(when)
    by_person = defaultdict(list)
    for person, when in Notification.objects.order_by("user", "seq").values_list("user", "occurred_at"):
        by_person[person].append(when)

    for times in [*by_stream.values(), *by_person.values()]:
        assert times == sorted(times)


def test_no_claim_lapses_before_somebody_looks_at_it(demo: str):
    held = Claim.objects.filter(state=ClaimState.CLAIMED)

    assert held.count() >= 10
    assert not held.filter(expires_at__lt=timezone.now() + timedelta(days=2)).exists()


def test_progress_is_shown_a_line_a_week(demo: str):
    lines = demo.splitlines()

    assert lines[0] == "40 people have arrived, and tell what they did:"
    assert [line.split("  ")[1] for line in lines[1:9]] == [
        *(f"{weeks} weeks ago" for weeks in range(7, 1, -1)),
        "last week",
        "this week",
    ]
    assert "  projects         12" in lines


def test_it_is_refused_where_people_are(demo: str):
    before = tables()

    with pytest.raises(CommandError, match="has people already"):
        call_command("demo")
    out = StringIO()
    call_command("demo", "--if-empty", stdout=out)

    assert out.getvalue() == "The database has people already: nothing to do.\n"
    assert tables() == before
