from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models.people import User


class Erasure(models.Model):
    """How far the house has got with forgetting a person who deleted their account."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="erasure")
    closed_at = models.DateTimeField(default=timezone.now)
    rows_done = models.PositiveIntegerField(default=0, help_text="Rows that were deleted or emptied so far.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-closed_at"]

    def __str__(self) -> str:
        return f"{self.user}: {self.rows_done}"


class RetiredHandle(models.Model):
    """A handle that nobody may take for a while, because somebody who left was known by it; only its hash is kept."""

    handle_hash = models.CharField(max_length=64, unique=True, editable=False)
    free_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"until {self.free_at:%Y-%m-%d}"


class ExportState(models.TextChoices):
    PENDING = "PENDING", "Asked for"
    RUNNING = "RUNNING", "Being put together"
    READY = "READY", "Ready to be fetched"
    FAILED = "FAILED", "It could not be made: ask again"
    EXPIRED = "EXPIRED", "Deleted, as every export is after a week"


class DataExportQuerySet(models.QuerySet["DataExport"]):
    def visible_to(self, viewer: User | None) -> Self:
        """A person's own."""
        return self.filter(user=viewer, user__is_active=True) if viewer else self.none()


class DataExport(models.Model):
    """A zip of all that the house holds of one person, put together by a job; its bytes are in `ExportPart`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="data_exports")
    state = models.CharField(max_length=7, choices=ExportState.choices, default=ExportState.PENDING)
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="Which run of the job may write it: a worker that was taken for dead may not."
    )
    done = models.PositiveIntegerField(default=0, help_text="Rows written so far.")
    total = models.PositiveIntegerField(default=0, help_text="Rows that there were when it began.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = DataExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=[ExportState.PENDING, ExportState.RUNNING]),
                name="one_export_of_a_person_at_a_time",
            ),
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY)
                | Q(finished_at__isnull=False, expires_at__isnull=False),
                name="export_that_is_ready_expires",
            ),
        ]
        triggers = [RefuseTheDeparted("export_is_for_somebody", "user_id")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user}: {self.state}"


class ExportPart(models.Model):
    """The bytes of an export, cut so that neither who writes nor who reads ever holds all of them."""

    export = models.ForeignKey(DataExport, on_delete=models.CASCADE, related_name="parts", db_index=False)
    attempt = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(help_text="Counts from 0.")
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "attempt", "number"], name="export_part_is_there_once")
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.export_id}.{self.number}"
