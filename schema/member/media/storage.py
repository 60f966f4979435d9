"""How much of their room somebody has filled."""

from types import SimpleNamespace
from typing import Any

import strawberry
from django.db.models import BigIntegerField, Case, Exists, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from backend.projects.models import Membership
from media.models import MOST_OF_A_PERSON, MOST_OF_A_PROJECT, Usage
from schema.declarations import column, finished
from schema.member.scalars import SafeInt
from schema.policies import WITH_IT, shown_to


@shown_to(WITH_IT)
@strawberry.type(description="How much room for files there is, and how much of it is taken.")
class StorageUsage:
    bytes: SafeInt = column("Taken, by what was announced and what is kept.")
    limit: SafeInt = column("How many there may be.")


def _taken(by: str) -> Coalesce:
    rows = Usage.objects.filter(**{by: OuterRef("pk")}).values("byte_size")
    return Coalesce(Subquery(rows), Value(0), output_field=BigIntegerField())


def _of_the_team(viewer: Any) -> dict[str, Any]:
    if viewer is None:
        return {"taken": Value(None, output_field=BigIntegerField())}
    in_team = Exists(Membership.objects.filter(project=OuterRef("pk"), user=viewer))
    return {"taken": Case(When(in_team, then=_taken("project")), default=None)}


def _usage(limit: int) -> Any:
    return lambda taken: None if taken is None else SimpleNamespace(bytes=taken, limit=limit)


storage_of_viewer: Any = finished(
    lambda viewer: {"taken": _taken("user")}, _usage(MOST_OF_A_PERSON), description="Their room for files."
)
storage_of_project: Any = finished(
    _of_the_team,
    _usage(MOST_OF_A_PROJECT),
    description="The room for its pictures and data; null for whoever is not on its team.",
)
