from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models import User
from backend.projects.models import EDITORS, Project
from media.inspection import Reason
from media.models.purposes import Purpose, whose_quota
from media.models.standing import Place
from media.models.trash import ThrowKey

#: What was checked and stands nowhere is deleted then: it was never used, or its owner has read why it was refused.
STANDS_NOWHERE_FOR = timedelta(days=7)
LONGEST_ALT = 1_000
LONGEST_CREDIT = 200


class MediaState(models.TextChoices):
    CHECKING = "CHECKING", "It has arrived and is looked at"
    READY = "READY", "It was checked and may be shown"
    REJECTED = "REJECTED", "It was refused: see why"


class MediaQuerySet(models.QuerySet["Media"]):
    def visible_to(self, viewer: User | None) -> Self:
        """A person's own, and what stands on a thing that they see."""
        seen = Q()
        for name in settings.MEDIA_PLACES:
            # EXISTS rather than IN, as in comments: under an OR the latter is read whole.
            seen |= Q(Exists(import_string(name)(viewer).filter(media=OuterRef("pk"))))
        return self.filter(Q(owner=viewer) | seen) if viewer else self.filter(seen)

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those that stand on a thing that a person sees: all. `parent` is a path that begins at their place."""
        column = self.model._meta.get_field(parent.partition("__")[0])
        place: Any = column.related_model
        return self.all() if issubclass(place, Place) else self.visible_to(viewer)

    def kept_by(self, viewer: User) -> Self:
        """Those that a person may describe and delete: their own, but what is a project's is its editors'."""
        edited = Project.objects.with_team_member(viewer, EDITORS)
        return self.filter(Q(owner=viewer, project=None) | Q(project__in=edited))

    def lapsed(self) -> Self:
        """Those that stood nowhere for too long, or have lost their place."""
        return self.filter(expires_at__lte=Now())


class Media(models.Model):
    """A file that arrived: checked first, then kept as its variants and shown where it stands, or refused."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="media")
    purpose = models.CharField(max_length=13, choices=Purpose.choices)
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="media"
    )
    filename = models.CharField(
        max_length=255, blank=True, help_text="As its owner calls it; to be read only."
    )
    content_type = models.CharField(max_length=100)
    byte_size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=120, blank=True, help_text="Where it lies until it is checked.")
    state = models.CharField(max_length=8, choices=MediaState.choices, default=MediaState.CHECKING)
    reason = models.CharField(max_length=13, blank=True, choices=[(each, each) for each in Reason])
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    placeholder = models.CharField(max_length=100, blank=True, help_text="A blurhash.")
    color = models.CharField(max_length=7, blank=True, help_text="The dominant one, as #rrggbb.")
    alt = models.CharField(max_length=LONGEST_ALT, blank=True)
    credit = models.CharField(max_length=LONGEST_CREDIT, blank=True)
    licence = models.CharField(max_length=64, blank=True, help_text="An SPDX identifier.")
    created_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="When it is deleted, because it stands nowhere; none while it does."
    )

    objects = MediaQuerySet.as_manager()

    class Meta:
        constraints = [
            whose_quota("media_is_on_the_right_quota"),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="media_key_is_used_once"),
            models.CheckConstraint(condition=Q(state__in=MediaState.values), name="media_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=MediaState.CHECKING, checked_at__isnull=True, expires_at__isnull=True)
                & ~Q(key="")
                | ~Q(state=MediaState.CHECKING) & Q(checked_at__isnull=False, key=""),
                name="media_lies_in_quarantine_until_it_is_checked",
            ),
            models.CheckConstraint(
                condition=Q(state=MediaState.REJECTED, reason__in=list(Reason), expires_at__isnull=False)
                | ~Q(state=MediaState.REJECTED) & Q(reason=""),
                name="media_says_why_it_was_rejected",
            ),
            models.CheckConstraint(
                condition=Q(width__isnull=True, height__isnull=True, placeholder="", color="")
                | Q(state=MediaState.READY, width__isnull=False, height__isnull=False)
                & Q(width__gte=1, height__gte=1)
                & ~Q(placeholder="")
                & Q(color__regex="^#[0-9a-f]{6}$"),
                name="media_is_a_picture_with_all_that_one_has",
            ),
            models.CheckConstraint(
                condition=~Q(state=MediaState.READY, purpose__in=[Purpose.AVATAR, Purpose.PROJECT_IMAGE])
                | Q(width__isnull=False),
                name="media_that_anybody_sees_is_a_picture",
            ),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="media_hash_is_sha256"),
        ]
        triggers = [
            RefuseTheDeparted("media_is_somebodys", "owner_id"),
            ThrowKey(
                "key_is_thrown_away_with_its_media", pgtrigger.Delete, condition=~pgtrigger.Q(old__key="")
            ),
            ThrowKey(
                "key_is_thrown_away_when_it_is_checked",
                pgtrigger.Update,
                condition=pgtrigger.Q(old__key__df=pgtrigger.F("new__key")) & ~pgtrigger.Q(old__key=""),
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="media_of_a_person"),
            models.Index(
                fields=["expires_at"], name="media_that_lapse", condition=Q(expires_at__isnull=False)
            ),
        ]
        ordering = ["-id"]
        verbose_name_plural = "media"

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}: {self.state}"

    if TYPE_CHECKING:
        id: int


class VariantName(models.TextChoices):
    SMALL = "SMALL", "96 by 96 pixels, cut out of the middle"
    MEDIUM = "MEDIUM", "480 pixels at the longer side"
    LARGE = "LARGE", "1600 pixels at the longer side"
    FILE = "FILE", "As it was sent"


class VariantQuerySet(models.QuerySet["Variant"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Those of the files that a person may see."""
        return self.filter(media__in=Media.objects.visible_to(viewer))

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those of a file that a person sees: all."""
        return self.all() if parent == "media" else self.visible_to(viewer)


class Variant(models.Model):
    """One form of a checked file, as it is served."""

    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="variants", db_index=False)
    name = models.CharField(max_length=6, choices=VariantName.choices)
    key = models.CharField(max_length=120, unique=True)
    content_type = models.CharField(max_length=100)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    byte_size = models.PositiveBigIntegerField()

    objects = VariantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["media", "name"], name="media_has_one_variant_of_a_name"),
            models.CheckConstraint(condition=Q(name__in=VariantName.values), name="variant_name_is_known"),
            models.CheckConstraint(
                condition=Q(name=VariantName.FILE, width__isnull=True, height__isnull=True)
                # A comparison with null alone would let it pass.
                | ~Q(name=VariantName.FILE)
                & Q(width__isnull=False, height__isnull=False, width__gte=1, height__gte=1),
                name="variant_of_a_picture_has_a_size",
            ),
            # What was not checked lies in quarantine, and is never served.
            models.CheckConstraint(
                condition=Q(key__regex="^(public|private)/"), name="variant_lies_where_it_is_served"
            ),
        ]
        triggers = [
            ThrowKey("key_is_thrown_away_with_its_variant", pgtrigger.Delete, condition=None),
            pgtrigger.Protect(
                name="variant_keeps_its_key",
                operation=pgtrigger.UpdateOf("key", "media_id"),  # type: ignore[no-untyped-call]
            ),
        ]
        ordering = ["media_id", "id"]

    def __str__(self) -> str:
        return f"{self.media_id} {self.name}"
