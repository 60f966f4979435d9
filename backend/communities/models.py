from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User


class CommunityKind(models.TextChoices):
    LOCAL = "LOCAL", "Local"
    THEMATIC = "THEMATIC", "Thematic"


class CommunityQuerySet(models.QuerySet["Community"]):
    def visible_to(self, viewer: User | None) -> Self:
        """All of them: a community is public from its first day."""
        return self.all()


class Community(models.Model):
    """A local or thematic group of the network: what Goteo calls a node. Not yet a place for rights or members."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=CommunityKind.choices)
    place = models.CharField(max_length=100, blank=True)
    summary = models.CharField(max_length=280, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    follower_count = models.PositiveIntegerField(default=0, editable=False)
    project_count = models.PositiveIntegerField(default=0, editable=False, help_text="Public ones only.")

    objects = CommunityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=CommunityKind.values), name="community_kind_is_known"
            ),
        ]
        ordering = ["name"]
        verbose_name_plural = "communities"

    def __str__(self) -> str:
        return self.name
