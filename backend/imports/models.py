from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models import User
from backend.core.models import exactly_one
from backend.projects.models import Project

LONGEST_URL = 2_048
#: Pictures besides the first that a project has here at most.
MOST_IN_A_GALLERY = 20


class RemoteImageKind(models.TextChoices):
    AVATAR = "AVATAR", "The picture of a person"
    COVER = "COVER", "The first picture of a project"
    GALLERY = "GALLERY", "The other pictures of a project"


class RemoteImageState(models.TextChoices):
    WAITING = "WAITING", "Nobody has fetched it yet"
    FETCHED = "FETCHED", "It has come, and went the way of every file"
    FAILED = "FAILED", "It did not come, or was refused: see why"


class RemoteImageQuerySet(models.QuerySet["RemoteImage"]):
    def to_fetch(self, *, retry_failed: bool = False) -> Self:
        """Those that wait, and those that failed where asked; whoever never was tried first."""
        states = [RemoteImageState.WAITING]
        if retry_failed:
            states.append(RemoteImageState.FAILED)
        return self.filter(state__in=states).order_by(F("tried_at").asc(nulls_first=True), "pk")


class RemoteImage(models.Model):
    """A picture of something imported, at the address where it was: fetched only when somebody says so."""

    url = models.CharField(max_length=LONGEST_URL)
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="remote_images"
    )
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="remote_image"
    )
    kind = models.CharField(max_length=7, choices=RemoteImageKind.choices)
    position = models.PositiveSmallIntegerField(default=0)
    credit = models.CharField(max_length=200, blank=True, help_text="Whom it is owed to.")
    licence = models.CharField(
        max_length=64, blank=True, help_text="An SPDX identifier, where its source says one."
    )
    state = models.CharField(max_length=7, choices=RemoteImageState.choices, default=RemoteImageState.WAITING)
    reason = models.CharField(max_length=20, blank=True, help_text="Why it failed.")
    created_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True, blank=True)

    objects = RemoteImageQuerySet.as_manager()

    class Meta:
        constraints = [
            exactly_one("project", "user", name="remote_image_is_of_one_thing"),
            models.CheckConstraint(
                condition=Q(kind=RemoteImageKind.AVATAR, user__isnull=False, position=0)
                | Q(kind=RemoteImageKind.COVER, project__isnull=False, position=0)
                | Q(
                    kind=RemoteImageKind.GALLERY,
                    project__isnull=False,
                    position__lt=MOST_IN_A_GALLERY,
                ),
                name="remote_image_is_of_a_kind_that_its_thing_has",
            ),
            # What is no address of the web is not even kept; the fetcher asks for more.
            models.CheckConstraint(
                condition=Q(url__regex=r"^https?://[^\s[:cntrl:]]+$"), name="remote_image_is_at_an_address"
            ),
            models.UniqueConstraint(fields=["project", "url"], name="remote_image_is_named_once"),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(kind=RemoteImageKind.COVER),
                name="remote_cover_is_the_only_one",
            ),
            models.CheckConstraint(
                condition=Q(state=RemoteImageState.WAITING, reason="", tried_at__isnull=True)
                | Q(state=RemoteImageState.FETCHED, reason="", tried_at__isnull=False)
                | Q(state=RemoteImageState.FAILED, tried_at__isnull=False) & ~Q(reason=""),
                name="remote_image_says_what_became_of_it",
            ),
        ]
        triggers = [RefuseTheDeparted("remote_image_is_of_nobody_departed", "user_id")]
        indexes = [
            models.Index(
                fields=["tried_at", "id"],
                name="remote_images_to_fetch",
                condition=~Q(state=RemoteImageState.FETCHED),
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.url[:80]}: {self.state}"
