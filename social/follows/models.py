from __future__ import annotations

from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from backend.accounts.blocks import Block, pair_held
from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models import User
from backend.communities.models import Community
from backend.core.models import exactly_one
from backend.projects.models import Project


def _never_if(name: str, pair: tuple[str, str], found: str) -> str:
    """The body of a trigger that refuses a row, by a constraint's name, where something is found about two people."""
    return f"""
    {pair_held(*pair)}
    IF EXISTS ({found}) THEN
        RAISE EXCEPTION 'new row violates constraint "{name}"'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NEW;
"""


class FollowQuerySet(models.QuerySet["Follow"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Who follows whom is public, as far as both ends are."""
        return self.filter(
            Q(user__isnull=True) | Q(user__in=User.objects.visible_to(viewer)),
            Q(project__isnull=True) | Q(project__in=Project.objects.visible_to(viewer)),
            follower__in=User.objects.visible_to(viewer),
        )

    def of(self, target: User | Project | Community) -> Self:
        """The follows that point at one thing."""
        return self.filter(**{target_field(target): target})


class Follow(models.Model):
    """Somebody wants to hear of a person, a project or a community."""

    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows")
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="followed_by"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="followed_by"
    )
    community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.CASCADE, related_name="followed_by"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = FollowQuerySet.as_manager()

    class Meta:
        constraints = [
            exactly_one("user", "project", "community", name="follow_has_one_target"),
            models.UniqueConstraint(
                fields=["follower", "user", "project", "community"],
                nulls_distinct=False,
                name="person_follows_a_thing_once",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True) | ~Q(user=F("follower")), name="nobody_follows_themselves"
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "-id"], name="followers_of_a_person", condition=Q(user__isnull=False)
            ),
            models.Index(
                fields=["project", "-id"], name="followers_of_a_project", condition=Q(project__isnull=False)
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            RefuseTheDeparted("follow_is_between_those_who_are_here", "follower_id", "user_id"),
            pgtrigger.Trigger(
                name="nobody_follows_over_a_block",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__user__isnull=False),
                func=_never_if(
                    "nobody_follows_over_a_block",
                    ("NEW.follower_id", "NEW.user_id"),
                    "SELECT FROM accounts_block WHERE (blocker_id, blocked_id)"
                    " IN ((NEW.follower_id, NEW.user_id), (NEW.user_id, NEW.follower_id))",
                ),
            ),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.follower} follows {self.user or self.project or self.community}"


class BlockWithoutFollows(Block):
    """The other half of `nobody_follows_over_a_block`: here, because people know nothing of follows."""

    class Meta:
        proxy = True
        triggers = [
            pgtrigger.Trigger(
                name="nobody_blocks_over_a_follow",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_never_if(
                    "nobody_blocks_over_a_follow",
                    ("NEW.blocker_id", "NEW.blocked_id"),
                    "SELECT FROM follows_follow WHERE (follower_id, user_id)"
                    " IN ((NEW.blocker_id, NEW.blocked_id), (NEW.blocked_id, NEW.blocker_id))",
                ),
            )
        ]


def target_field(target: User | Project | Community) -> str:
    """The column of `Follow` that points at this kind of thing."""
    return {User: "user", Project: "project", Community: "community"}[type(target)]


def is_followed_by(viewer: User | None, field: str) -> Combinable:
    """Whether a viewer follows each row of a queryset; `field` is the column of `Follow` that points at its model."""
    if viewer is None:
        return Value(False)
    return Exists(Follow.objects.filter(**{field: OuterRef("pk")}, follower=viewer))


def follows_viewer(viewer: User | None) -> Combinable:
    """Whether each person of a queryset follows the viewer."""
    if viewer is None:
        return Value(False)
    return Exists(Follow.objects.filter(follower=OuterRef("pk"), user=viewer))


def mutual_followers(viewer: User | None) -> Combinable:
    """How many of each person's followers the viewer follows."""
    if viewer is None:
        return Value(0)
    followed_by_viewer = Follow.objects.filter(follower=viewer, user__isnull=False).values("user")
    mutual = Follow.objects.filter(user=OuterRef("pk"), follower__in=followed_by_viewer)
    count = mutual.order_by().values("user").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0)
