"""Whoever has the files of two days learns of nobody what they did between the two: k-anonymity, k = 5."""

import csv
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from backend.accounts.models import User
from backend.boards.models import Claim, ClaimState
from backend.projects.models import Project
from schema.opendata.models import LEAST_PEOPLE
from schema.opendata.months import tell_months
from tests.cast import Cast, make_cast, person, task

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "opendata"])

#: For each month who gave time in it; the first gives each month something else.
GIVEN = ((0, 1, 2), (0, 3), (0, 4), (0,), (0, 1, 2, 3, 4, 5), (0, 6))


@pytest.fixture
def cast() -> Cast:
    """The cast, whose project began with the year."""
    made = make_cast()
    Project.objects.update(launched_at=datetime(2026, 1, 1, tzinfo=UTC))
    return made


def work(cast: Cast, who: int, month: int) -> int:
    """Somebody's accepted work: its minutes, a number that is of nobody else and no other month."""
    minutes = 2 ** (who + 1) * 100 + 10**5 * month
    handle = f"giver{who}"
    done = datetime(2026, month, 15, tzinfo=UTC)
    Claim.objects.create(
        task=task(cast.board, f"Work {who} {month}"),
        claimant=User.objects.filter(handle=handle).first() or person(handle),
        state=ClaimState.ACCEPTED,
        claimed_at=done,
        expires_at=done,
        submitted_at=done,
        minutes_spent=minutes,
    )
    return minutes


def numbers(folder: Path) -> dict[str, Counter[str]]:
    """All that the files tell of minutes: of each project, of each month, of each contribution."""
    found: dict[str, Counter[str]] = {}
    for name, key, column in (
        ("projects", "slug", "minutes_given"),
        ("monthly_stats", "month", "minutes_given"),
        ("contributions", "month", "minutes"),
    ):
        with (folder / f"{name}.csv").open(newline="") as file:
            found[name] = Counter({row[key]: int(row[column] or 0) for row in csv.DictReader(file)})
    return found


def test_two_days_tell_the_difference_of_five_people_or_of_nobody(
    cast: Cast, downloaded: Callable[..., Path]
):
    given: dict[int, tuple[int, set[int]]] = {}
    naive = []
    days = []
    for number, people in enumerate(GIVEN, 1):
        minutes = sum(work(cast, who, number) for who in people)
        given[number] = minutes, set(people)
        naive.append(sum(each for each, _ in given.values()))
        tell_months(datetime(2026, number + 1, 1, tzinfo=UTC))
        days.append(numbers(downloaded()))

    waits, blocks, told = [], [], []
    for number, (minutes, people) in given.items():
        waits.append((minutes, people))
        together = set().union(*(who for _, who in waits))
        is_told = len(together) >= LEAST_PEOPLE
        blocks.append(sum(each for each, _ in waits) if is_told else 0)
        told += [number] if is_told else []
        waits = [] if is_told else waits
    assert told == [3, 5], "so both happens: what waits for others, and what need not"

    for name in ("projects", "monthly_stats", "contributions"):
        sums = [0, *(day[name].total() for day in days)]
        assert [after - before for before, after in pairwise(sums)] == blocks, name
    # The control: sums of all that was accepted tell in the fourth month to the minute what one person did in it.
    assert naive[3] - naive[2] == given[4][0] and given[4][1] == {0}


def test_no_contribution_is_of_fewer_than_five_people(cast: Cast, downloaded: Callable[..., Path]):
    for who in range(4):
        work(cast, who, 1)
    tell_months(datetime(2026, 3, 1, tzinfo=UTC))
    folder = downloaded()
    with (folder / "contributions.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == []
    assert numbers(folder)["projects"].total() == 0
    work(cast, 5, 2)
    tell_months(datetime(2026, 4, 1, tzinfo=UTC))
    with (downloaded() / "contributions.csv").open(newline="") as file:
        assert [row["people"] for row in csv.DictReader(file)] == ["5"]
