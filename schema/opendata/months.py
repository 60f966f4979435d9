"""Months that are over are told, once: what a month holds then it holds for ever (see `models.told` for why)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Min
from django.utils import timezone

from backend.boards.models import Claim, ClaimState, TaskState
from backend.projects.models import Project
from schema.opendata.models import LEAST_PEOPLE, Counted, GivenTime, Month
from social.updates.models import Update

#: The key of the lock by which one at a time tells months.
_LOCK = 7_041_001
_AT_ONCE = 2_000


def tell_months(now: datetime | None = None) -> int:
    """Tell every month that is over and was not told, oldest first, each in its own transaction; answers how many."""
    this_month = _first_of(now or timezone.now())
    first = Project.objects.visible_to(None).aggregate(first=Min("launched_at"))["first"]
    if first is None:
        return 0
    told = set(Month.objects.values_list("month", flat=True))
    missing = [month for month in _months(_first_of(first), this_month) if month not in told]
    return sum(_tell(month) for month in missing)


@transaction.atomic
def _tell(month: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if Month.objects.filter(pk=month).exists():
        return False
    begins, ends = _moment(month), _moment(_next(month))
    Month.objects.create(
        month=month,
        projects_launched=Project.objects.visible_to(None)
        .filter(launched_at__gte=begins, launched_at__lt=ends)
        .count(),
        updates_published=Update.objects.visible_to(None)
        .filter(published_at__gte=begins, published_at__lt=ends)
        .count(),
    )
    for project, work in groupby(_waiting(ends), key=itemgetter("project")):
        _tell_time(month, project, list(work))
    return True


def _waiting(ends: datetime) -> Iterator[Any]:
    """Accepted work, handed in before then, that is in no block yet; project by project."""
    work = Claim.objects.filter(
        state=ClaimState.ACCEPTED,
        counted=None,
        submitted_at__lt=ends,
        task__board__project__in=Project.objects.visible_to(None),
    )
    found = work.values(
        "pk",
        "claimant_id",
        "minutes_spent",
        "task_id",
        project=F("task__board__project_id"),
        task_state=F("task__state"),
    )
    return found.order_by("project", "pk").iterator(_AT_ONCE)


def _tell_time(month: date, project: int, work: list[dict[str, Any]]) -> None:
    people = {each["claimant_id"] for each in work if each["minutes_spent"]}
    if len(people) < LEAST_PEOPLE:
        return
    block = GivenTime.objects.create(
        month_id=month,
        project_id=project,
        people=len(people),
        minutes=sum(each["minutes_spent"] or 0 for each in work),
        tasks_done=len({each["task_id"] for each in work if each["task_state"] == TaskState.DONE}),
    )
    Counted.objects.bulk_create([Counted(claim_id=each["pk"], block=block) for each in work], _AT_ONCE)


def _months(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first = _next(first)


def _first_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
