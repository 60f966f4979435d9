"""What the lists of open data can be narrowed by: the FilterSets of the domain, but for people, and what is only here."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from backend.boards.filters import TaskFilter
from backend.communities.models import CommunityKind
from backend.projects.filters import ProjectFilter
from schema.opendata.models import (
    OpenCommunity,
    OpenContribution,
    OpenProject,
    OpenTag,
    OpenTask,
    OpenUpdate,
)

#: Moments that something may have happened at, with room: what PostgreSQL and every calendar can hold.
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _moment(field: str, lookup: str, label: str) -> django_filters.IsoDateTimeFilter:
    bounds = [MinValueValidator(_EARLIEST), MaxValueValidator(_LATEST)]
    return django_filters.IsoDateTimeFilter(
        field_name=field, lookup_expr=lookup, label=label, validators=bounds
    )


def _month(lookup: str, label: str) -> django_filters.DateFilter:
    bounds = [MinValueValidator(_EARLIEST.date()), MaxValueValidator(_LATEST.date())]
    return django_filters.DateFilter(field_name="month", lookup_expr=lookup, label=label, validators=bounds)


class OfProject(django_filters.FilterSet):
    """Things of one project, by the last part of its address."""

    project__slug = django_filters.CharFilter(
        method="of_project", max_length=80, label="Of the project with this slug only."
    )

    def of_project(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those of a project."""
        # Its key first: behind a barrier PostgreSQL looks for a key in an index, and for what a join finds in all rows.
        projects = OpenProject.objects.using(rows.db).filter(slug=value)
        return rows.filter(project_id=projects.values_list("pk", flat=True).first() or 0)


class OpenProjectFilter(ProjectFilter):
    """Those of members, but for whose it is."""

    #: Nobody is told apart here.
    owner = None  # type: ignore[assignment]
    slug = django_filters.CharFilter(max_length=80, label="The one with this slug.")
    launched_at__gte = _moment("launched_at", "gte", "Launched at or after this moment (ISO 8601).")
    launched_at__lt = _moment("launched_at", "lt", "Launched before this moment (ISO 8601).")

    class Meta:
        model = OpenProject
        fields: list[str] = []


class OpenUpdateFilter(OfProject):
    published_at__gte = _moment("published_at", "gte", "Published at or after this moment (ISO 8601).")
    published_at__lt = _moment("published_at", "lt", "Published before this moment (ISO 8601).")

    class Meta:
        model = OpenUpdate
        fields: list[str] = []


class OpenTaskFilter(TaskFilter, OfProject):
    """Those of members, and of which project."""

    class Meta:
        model = OpenTask
        fields: list[str] = []


class OpenContributionFilter(OfProject):
    month__gte = _month("gte", "Told with a month that begins on this day or later.")
    month__lt = _month("lt", "Told with a month that begins before this day.")

    class Meta:
        model = OpenContribution
        fields: list[str] = []


class OpenCommunityFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=CommunityKind.choices, label="Of this kind only.")
    slug = django_filters.CharFilter(max_length=60, label="The one with this slug.")

    class Meta:
        model = OpenCommunity
        fields: list[str] = []


class OpenTagFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(max_length=40, label="This word only.")

    class Meta:
        model = OpenTag
        fields: list[str] = []


#: What the filters of members say of themselves here; they have no words of their own.
MEANT = {
    "category": "Of this domain only: SOCIAL, CULTURAL, SCIENTIFIC, EDUCATIONAL, TECHNOLOGICAL or ECOLOGICAL.",
    "status": "That have come so far: LIVE, FUNDED, UNFUNDED or FULFILLED.",
    "tag": "That carry this tag, in any case.",
    "locale": "In this language only.",
    "community": "In the community with this slug only.",
    "search": "With this word or phrase in their title or summary.",
    "state": "In this state only: OPEN, CLAIMED, SUBMITTED, DONE or CLOSED.",
    "skill": "That ask for this skill, in any case.",
    "label": "That carry this label, in any case.",
    "longest_minutes": "That may take one person so many minutes at most.",
}
