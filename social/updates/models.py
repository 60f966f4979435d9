from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models import User
from backend.projects.models import EDITORS, Membership, Project
from media.models import MOST_ATTACHED, Place, stands
from social.follows.models import Follow


class Audience(models.TextChoices):
    EVERYONE = "EVERYONE", "Everyone"
    FOLLOWERS = "FOLLOWERS", "Followers of the project"
    TEAM = "TEAM", "The team"


class UpdateQuerySet(models.QuerySet["Update"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Published ones of visible projects, for whom they are meant; the team sees drafts too."""
        return self.filter(project__in=Project.objects.visible_to(viewer)).visible_under("project", viewer)

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those of a project that a person sees."""
        if parent != "project":
            return self.visible_to(viewer)
        published = Q(published_at__isnull=False)
        if viewer is None:
            return self.filter(published, audience=Audience.EVERYONE)
        team = Q(Exists(Membership.objects.filter(project=OuterRef("project"), user=viewer)))
        if viewer.is_staff:
            return self.filter(published | team)
        follows = Q(Exists(Follow.objects.filter(project=OuterRef("project"), follower=viewer)))
        # The cheapest question first: most news are for everyone.
        return self.filter(
            (published & (Q(audience=Audience.EVERYONE) | (Q(audience=Audience.FOLLOWERS) & follows))) | team
        )

    def edited_by(self, viewer: User | None) -> Self:
        """Those that a person may change and publish."""
        return self.filter(project__in=Project.objects.with_team_member(viewer, EDITORS))

    def published(self) -> Self:
        """Those that are out."""
        return self.filter(published_at__isnull=False)


class Update(models.Model):
    """News that a project tells: a draft until it is published, once."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="updates")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="updates")
    title = models.CharField(max_length=160)
    body = models.TextField()
    body_html = models.TextField(editable=False)
    audience = models.CharField(max_length=9, choices=Audience.choices, default=Audience.EVERYONE)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    comment_count = models.PositiveIntegerField(default=0, editable=False)

    objects = UpdateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="update_audience_is_known")
        ]
        triggers = [RefuseTheDeparted("update_is_by_somebody", "author_id")]
        indexes = [
            models.Index(
                fields=["project", "-published_at", "-id"],
                name="updates_of_a_project",
                condition=Q(published_at__isnull=False),
                # So that whose news it is for is known without reading it.
                include=["audience"],
            )
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class UpdateAttachmentQuerySet(models.QuerySet["UpdateAttachment"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Those of the updates that a person may see."""
        return self.filter(update__in=Update.objects.visible_to(viewer))

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those of an update that a person sees: all."""
        return self.all() if parent == "update" else self.visible_to(viewer)


class UpdateAttachment(Place):
    """That a file is attached to an update."""

    update = models.ForeignKey(Update, on_delete=models.CASCADE, related_name="attachments", db_index=False)

    objects = UpdateAttachmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["update", "position"], name="attachment_of_an_update_has_a_position_of_its_own"
            ),
            models.CheckConstraint(
                condition=Q(position__lt=MOST_ATTACHED), name="update_has_a_bounded_number_of_attachments"
            ),
        ]
        triggers = stands("purpose = 'ATTACHMENT'", "update_id")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.media_id} on {self.update_id}"


def shown_attachments(viewer: User | None) -> UpdateAttachmentQuerySet:
    """The attachments that a person sees; `MEDIA_PLACES` names this."""
    return UpdateAttachment.objects.visible_to(viewer)
