from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from backend.accounts.models import User
from backend.boards.models import Task
from backend.core.models import exactly_one
from backend.projects.models import Project
from social.comments.models import Comment
from social.updates.models import Update

#: The columns of a notification's subject, in the order in which they are asked.
SUBJECTS = ("user", "project", "update", "comment", "task")


class NotificationKind(models.TextChoices):
    NEW_FOLLOWER = "NEW_FOLLOWER", "Somebody follows me or my project"
    COMMENT = "COMMENT", "Somebody commented on my thing"
    REPLY = "REPLY", "Somebody replied to my comment"
    UPDATE_PUBLISHED = "UPDATE_PUBLISHED", "A project that I follow has news"
    TASK_CLAIMED = "TASK_CLAIMED", "Somebody claimed a task of mine"
    WORK_SUBMITTED = "WORK_SUBMITTED", "Work on a task of mine waits for review"
    WORK_ACCEPTED = "WORK_ACCEPTED", "My work was accepted"
    CHANGES_REQUESTED = "CHANGES_REQUESTED", "My work needs changes"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, viewer: User | None) -> Self:
        """A person's own."""
        return self.filter(user=viewer) if viewer else self.none()

    def unread(self) -> Self:
        """Those not read yet."""
        return self.filter(read_at=None)


class Notification(models.Model):
    """What happened that concerns one person: while it is unread, more of the same joins it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=17, choices=NotificationKind.choices)
    subject_user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    subject_project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="+")
    subject_update = models.ForeignKey(Update, null=True, on_delete=models.CASCADE, related_name="+")
    subject_comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="+")
    subject_task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="+")
    actor_count = models.PositiveIntegerField(default=0)
    occurred_at = models.DateTimeField(help_text="When the last of it happened.")
    read_at = models.DateTimeField(null=True, blank=True)
    seq = models.BigIntegerField(help_text="The number of its last event on the person's stream.")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            exactly_one(*(f"subject_{kind}" for kind in SUBJECTS), name="notification_has_one_subject"),
            models.UniqueConstraint(
                fields=["user", "kind", *(f"subject_{kind}" for kind in SUBJECTS)],
                condition=Q(read_at__isnull=True),
                nulls_distinct=False,
                name="unread_notifications_are_grouped",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=NotificationKind.values), name="notification_kind_is_known"
            ),
        ]
        indexes = [models.Index(fields=["user", "-seq"], name="notifications_of_a_person")]
        ordering = ["-seq"]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"


class NotificationActorQuerySet(models.QuerySet["NotificationActor"]):
    def visible_to(self, viewer: User | None) -> Self:
        """The people in a person's own."""
        return self.filter(notification__in=Notification.objects.visible_to(viewer))

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those in a notification that a person sees: all."""
        return self.all() if parent == "notification" else self.visible_to(viewer)


class NotificationActor(models.Model):
    """One of the people whom a notification is about."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="actors")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    seq = models.BigIntegerField(help_text="Newest first.")

    objects = NotificationActorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "user"], name="person_stands_in_a_notification_once"
            )
        ]
        ordering = ["-seq"]

    def __str__(self) -> str:
        return f"{self.user} in {self.notification_id}"


def unread_count() -> Combinable:
    """How many unread notifications each person of a queryset has."""
    unread = Notification.objects.unread().filter(user=OuterRef("pk")).order_by().values("user")
    return Coalesce(Subquery(unread.annotate(count=Count("pk")).values("count")), 0)
