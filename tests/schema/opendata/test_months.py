"""What is told of time that people gave: nothing that is about fewer than five, nor that any difference would be."""

import itertools
from datetime import UTC, date, datetime
from random import Random

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from backend.boards.models import Board, Claim, ClaimState, Task
from backend.projects.models import Project
from schema.opendata.models import Counted, GivenTime, Month, OpenContribution, OpenMonth, OpenProject
from schema.opendata.months import tell_months
from tests.cast import Cast, person, project, task
from tests.races import race

MARCH, APRIL, MAY = (datetime(2026, month, 10, tzinfo=UTC) for month in (3, 4, 5))


@pytest.fixture
def people(db: None) -> list:
    return [person(f"giver{number}") for number in range(9)]


def launched(cast: Cast, when: datetime = datetime(2026, 3, 2, tzinfo=UTC)) -> None:
    Project.objects.filter(pk=cast.project.pk).update(launched_at=when)


def give(who, board: Board, minutes: int | None, when: datetime) -> Claim:
    """Accepted work of somebody's, on a task of its own that is done by it."""
    its = task(board)
    claim = Claim.objects.create(
        task=its,
        claimant=who,
        state=ClaimState.ACCEPTED,
        submitted_at=when,
        expires_at=when,
        minutes_spent=minutes,
    )
    Task.objects.filter(pk=its.pk).update(accepted_count=1)
    return claim


def month(name: str) -> tuple:
    row = OpenMonth.objects.get(month=date.fromisoformat(f"{name}-01"))
    return row.projects_launched, row.updates_published, row.tasks_done, row.minutes_given


def test_time_of_five_people_is_told_when_its_month_is_over(cast: Cast, people: list):
    launched(cast)
    for each in people[:5]:
        give(each, cast.board, 30, MARCH)
    assert tell_months(datetime(2026, 3, 31, 23, 59, tzinfo=UTC)) == 0
    assert not OpenMonth.objects.exists()

    assert tell_months(datetime(2026, 4, 1, tzinfo=UTC)) == 1
    assert month("2026-03") == (1, 0, 5, 150)
    assert OpenProject.objects.get().minutes_given == 150
    assert list(OpenContribution.objects.values_list("people", "minutes", "tasks_done")) == [(5, 150, 5)]


def test_time_of_four_people_is_not_told_until_a_fifth_has_joined_them(cast: Cast, people: list):
    launched(cast)
    for each in people[:4]:
        give(each, cast.board, 30, MARCH)
    tell_months(MAY.replace(month=4))
    assert month("2026-03") == (1, 0, None, None)
    assert OpenProject.objects.get().minutes_given is None

    give(people[4], cast.board, 45, APRIL)
    tell_months(MAY)
    assert month("2026-03") == (1, 0, None, None)
    assert month("2026-04") == (0, 0, 5, 165)


@pytest.mark.parametrize("minutes", [None, 0])
def test_whoever_said_nothing_of_their_time_hides_nobody(cast: Cast, people: list, minutes: int | None):
    launched(cast)
    give(people[0], cast.board, 90, MARCH)
    for each in people[1:8]:
        give(each, cast.board, minutes, MARCH)
    tell_months(APRIL)
    assert month("2026-03") == (1, 0, None, None)


def test_one_who_gives_five_times_is_one(cast: Cast, people: list):
    launched(cast)
    for _ in range(5):
        give(people[0], cast.board, 10, MARCH)
    tell_months(APRIL)
    assert not GivenTime.objects.exists()


def test_what_is_told_stays_whatever_is_accepted_later(cast: Cast, people: list):
    launched(cast)
    for each in people[:5]:
        give(each, cast.board, 30, MARCH)
    tell_months(APRIL)
    give(people[5], cast.board, 480, MARCH)
    assert tell_months(APRIL) == 0
    assert month("2026-03") == (1, 0, 5, 150)
    assert OpenProject.objects.get().minutes_given == 150
    tell_months(MAY)
    assert month("2026-04") == (0, 0, None, None)
    assert OpenProject.objects.get().minutes_given == 150


def test_small_projects_are_not_told_by_what_the_large_leave_of_a_sum(cast: Cast, people: list):
    """Complementary suppression: the month is the sum of what is told of projects, so it says nothing of the others."""
    launched(cast)
    small = Board.objects.create(project=project(cast.ana, "Small"), title="Small")
    for each in people[:6]:
        give(each, cast.board, 30, MARCH)
    give(people[7], small, 477, MARCH)
    tell_months(APRIL)
    assert month("2026-03")[3] == 180 == OpenContribution.objects.aggregate(all=Sum("minutes"))["all"]


def test_a_project_that_is_hidden_takes_nothing_out_of_a_month(cast: Cast, people: list):
    launched(cast)
    for each in people[:5]:
        give(each, cast.board, 30, MARCH)
    tell_months(APRIL)
    Project.objects.update(status="DRAFT", launched_at=None)
    assert month("2026-03") == (1, 0, 5, 150)
    assert not OpenContribution.objects.exists()


def test_history_is_told_month_by_month(cast: Cast):
    launched(cast, datetime(2025, 11, 30, 23, 0, tzinfo=UTC))
    assert tell_months(APRIL) == 5
    told = [f"{each:%Y-%m}" for each in Month.objects.values_list("month", flat=True)]
    assert told == ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
    assert tell_months(APRIL) == 0


def test_where_nothing_is_public_nothing_is_told(db: None):
    assert tell_months(APRIL) == 0


def test_the_database_refuses_a_block_of_four(cast: Cast):
    told = Month.objects.create(month=date(2026, 3, 1), projects_launched=0, updates_published=0)
    block = {"month": told, "project": cast.project, "minutes": 1, "tasks_done": 0}
    with pytest.raises(IntegrityError, match="time_is_told_of_five"), transaction.atomic():
        GivenTime.objects.create(people=4, **block)
    GivenTime.objects.create(people=5, **block)
    with pytest.raises(IntegrityError, match="time_is_told_once"), transaction.atomic():
        GivenTime.objects.create(people=6, **block)


def test_many_who_tell_at_once_tell_once(racing_cast: Cast):
    launched(racing_cast)
    for number in range(6):
        give(person(f"giver{number}"), racing_cast.board, 30, MARCH)
    assert set(race(lambda _: tell_months(APRIL), range(6))) == {"int"}
    assert list(GivenTime.objects.values_list("people", "minutes")) == [(6, 180)]
    assert Counted.objects.count() == 6


def numbers_told() -> dict[tuple, int]:
    """Every number about time that anybody can read, by its place."""
    told: dict[tuple, int] = {}
    for row in OpenMonth.objects.exclude(minutes_given=None):
        told["month", row.month] = row.minutes_given
    for row in OpenProject.objects.exclude(minutes_given=None):
        told["project", row.pk] = row.minutes_given
    for row in OpenContribution.objects.all():
        told["contribution", row.pk] = row.minutes
    return told


def test_no_two_numbers_of_two_days_differ_by_what_fewer_than_five_gave(cast: Cast):
    """Each claim gives a power of two, so a sum says whose it is of; all pairs of numbers of all days are compared."""
    random = Random(20260301)  # noqa: S311
    launched(cast)
    boards = [cast.board, Board.objects.create(project=project(cast.ana, "Small"), title="Small")]
    Project.objects.update(launched_at=datetime(2026, 3, 1, tzinfo=UTC))
    people = [person(f"giver{number}") for number in range(8)]
    whose: dict[int, int] = {}
    days: list[dict[tuple, int]] = []
    for bit in range(30):
        now = datetime(2026, 4 + bit // 6, 1 + 4 * (bit % 6), tzinfo=UTC)
        who = random.choice(people)
        give(who, random.choice(boards), 1 << bit, now)
        whose[bit] = who.pk
        tell_months(now)
        days.append(numbers_told())
    assert len(days[-1]) >= 5
    told = sorted({value for day in days for value in day.values()} | {0})
    for one, other in itertools.combinations(told, 2):
        difference = one ^ other
        behind = {whose[bit] for bit in range(len(whose)) if difference >> bit & 1}
        assert len(behind) >= 5, (one, other, behind)
