from __future__ import annotations

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Case, Expression, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models import User
from backend.projects.models import Project
from media.models.files import Media
from media.models.purposes import Purpose, whose_quota
from media.models.trash import ThrowKey
from media.models.usage import CountBytes


class UploadState(models.TextChoices):
    PENDING = "PENDING", "It may be sent"
    CHECKING = "CHECKING", "It has arrived and is looked at"
    READY = "READY", "It was checked and may be shown"
    REJECTED = "REJECTED", "It was refused: see why"
    EXPIRED = "EXPIRED", "It was not completed in time: ask anew"


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, viewer: User | None) -> Self:
        """A person's own."""
        return self.filter(owner=viewer, owner__is_active=True) if viewer else self.none()


class Upload(models.Model):
    """What somebody announced that they will send: all of it must be so, to the byte."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="uploads")
    purpose = models.CharField(max_length=13, choices=Purpose.choices)
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="uploads"
    )
    filename = models.CharField(
        max_length=255, blank=True, help_text="As its owner calls it; to be read only."
    )
    content_type = models.CharField(max_length=100)
    byte_size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=120, unique=True, help_text="Where it is sent to; the server names it.")
    parts_id = models.CharField(
        max_length=1024, blank=True, help_text="What the store calls it, where it is sent in parts."
    )
    charged = models.PositiveBigIntegerField(
        help_text="Bytes that it takes of a quota: what was announced, until less than that is kept."
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    media = models.OneToOneField(
        Media, null=True, blank=True, on_delete=models.CASCADE, related_name="upload"
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            whose_quota("upload_is_on_the_right_quota"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="upload_hash_is_sha256"),
            models.CheckConstraint(condition=Q(byte_size__gte=1), name="upload_is_not_empty"),
            models.CheckConstraint(
                condition=Q(charged__lte=F("byte_size")), name="upload_takes_no_more_than_it_announced"
            ),
            models.CheckConstraint(
                condition=Q(key__regex="^quarantine/[0-9a-f]{32}$"), name="upload_arrives_in_quarantine"
            ),
        ]
        triggers = [
            RefuseTheDeparted("upload_is_somebodys", "owner_id"),
            CountBytes("bytes_are_taken", pgtrigger.Insert),
            CountBytes(
                "bytes_are_corrected",
                pgtrigger.Update,
                condition=pgtrigger.AnyChange("charged"),
                gives_back="(OLD.charged - NEW.charged)",
            ),
            CountBytes("bytes_are_given_back", pgtrigger.Delete, gives_back="OLD.charged"),
            # Of one that was completed the key is its media's.
            ThrowKey(
                "key_is_thrown_away_with_its_upload",
                pgtrigger.Delete,
                condition=pgtrigger.Q(old__media__isnull=True),
                parts="OLD.parts_id",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="uploads_that_expire", condition=Q(media__isnull=True)),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.byte_size} bytes"


def upload_state() -> Expression:
    """How far each upload of a queryset has come: an `UploadState`."""
    return Case(
        When(media__isnull=False, then=F("media__state")),
        When(expires_at__lte=Now(), then=Value(UploadState.EXPIRED.value)),
        default=Value(UploadState.PENDING.value),
        output_field=models.CharField(max_length=8, choices=UploadState.choices),
    )
