from __future__ import annotations

from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q

from backend.accounts.models import User
from backend.core.models import exactly_one
from backend.projects.models import Membership, Project

#: Bytes of one person's files.
MOST_OF_A_PERSON = 500 * 1024 * 1024
#: Bytes of one project's pictures and datasets.
MOST_OF_A_PROJECT = 10 * 1024 * 1024 * 1024
#: The constraint that refuses what is more than that.
OVER_QUOTA = "usage_is_within_the_quota"

# The quota is a project's where a file is for one, and else its owner's.
_COUNT = """
    IF <row>.project_id IS NOT NULL THEN
        INSERT INTO media_usage (project_id, byte_size) VALUES (<row>.project_id, <change>)
        ON CONFLICT (project_id) DO UPDATE SET byte_size = media_usage.byte_size + excluded.byte_size;
    ELSE
        INSERT INTO media_usage (user_id, byte_size) VALUES (<row>.owner_id, <change>)
        ON CONFLICT (user_id) DO UPDATE SET byte_size = media_usage.byte_size + excluded.byte_size;
    END IF;
    RETURN NULL;
"""
# Whoever gives back may be about to be deleted: no row comes to be for them. And of a row that is inserted PostgreSQL
# asks its constraints before it sees that there is one already.
_GIVE_BACK = """
    IF OLD.project_id IS NOT NULL THEN
        UPDATE media_usage SET byte_size = byte_size - <change> WHERE project_id = OLD.project_id;
    ELSE
        UPDATE media_usage SET byte_size = byte_size - <change> WHERE user_id = OLD.owner_id;
    END IF;
    RETURN NULL;
"""


class UsageQuerySet(models.QuerySet["Usage"]):
    def visible_to(self, viewer: User | None) -> Self:
        """One's own, and those of the projects that one works on."""
        if viewer is None:
            return self.none()
        team = Membership.objects.filter(project=OuterRef("project"), user=viewer)
        return self.filter(Q(user=viewer) | Exists(team))

    def hold(self, uploads: models.QuerySet[Any]) -> None:
        """Lock the counts of all whose quota these uploads take, by key: whoever changes several waits in no circle."""
        whose = set(uploads.values_list("owner", "project"))
        people = {owner for owner, project in whose if project is None}
        projects = {project for _, project in whose if project is not None}
        held = self.filter(Q(user__in=people) | Q(project__in=projects)).order_by("pk")
        list(held.select_for_update(no_key=True).values_list("pk"))


class Usage(models.Model):
    """How many bytes of one's quota are taken, by what was announced and by what is kept; PostgreSQL counts."""

    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="media_usage"
    )
    project = models.OneToOneField(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="media_usage"
    )
    byte_size = models.PositiveBigIntegerField(default=0)

    objects = UsageQuerySet.as_manager()

    class Meta:
        constraints = [
            exactly_one("user", "project", name="usage_is_somebodys"),
            models.CheckConstraint(
                condition=Q(user__isnull=False, byte_size__lte=MOST_OF_A_PERSON)
                | Q(project__isnull=False, byte_size__lte=MOST_OF_A_PROJECT),
                name=OVER_QUOTA,
            ),
        ]
        verbose_name_plural = "usage"

    def __str__(self) -> str:
        return f"{self.user or self.project}: {self.byte_size}"


class CountBytes(pgtrigger.Trigger):
    """What a row of uploads takes of a quota is counted, or given back, with the row itself."""

    when = pgtrigger.After

    def __init__(self, name: str, operation: Any, *, gives_back: str | None = None, **more: Any) -> None:
        func = (
            _GIVE_BACK.replace("<change>", gives_back)
            if gives_back
            else _COUNT.replace("<row>", "NEW").replace("<change>", "NEW.charged")
        )
        super().__init__(name=name, operation=operation, func=func, **more)
