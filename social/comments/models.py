from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from backend.accounts.blocks import without_hidden
from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models import User
from backend.boards.models import Task
from backend.core.models import exactly_one
from backend.projects.models import Project
from media.models import MOST_ATTACHED, Place, stands
from social.updates.models import Update

#: Replies below this depth join their parent's level: nobody can read a staircase.
DEEPEST = 5

Commentable = Project | Update | Task


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, viewer: User | None) -> Self:
        """The comments on whatever a person may see, but of people hidden from them.

        Deleted ones stay as empty places in their thread.
        """
        # EXISTS rather than IN: under an OR the latter is read whole, all tasks of the house, for every page.
        seen = self.filter(
            Exists(Project.objects.visible_to(viewer).filter(pk=OuterRef("project")))
            | Exists(Update.objects.visible_to(viewer).filter(pk=OuterRef("update")))
            | Exists(Task.objects.visible_to(viewer).filter(pk=OuterRef("task")))
        )
        return without_hidden(seen, "author", viewer)

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those on a project, an update or a task that a person sees: all but of people hidden from them."""
        if parent not in ("project", "update", "task"):
            return self.visible_to(viewer)
        return without_hidden(self.all(), "author", viewer)

    def standing(self) -> Self:
        """Those that are not deleted."""
        return self.filter(deleted_at=None)


class Comment(models.Model):
    """What somebody says under a project, an update or a task, or in reply to somebody."""

    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="comments"
    )
    update = models.ForeignKey(
        Update, null=True, blank=True, on_delete=models.CASCADE, related_name="comments"
    )
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies"
    )
    depth = models.PositiveSmallIntegerField(
        default=0, help_text="0 under its subject, 1 for a reply to that, …"
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="comments")
    body = models.TextField()
    body_html = models.TextField(editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    reply_count = models.PositiveIntegerField(default=0, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            exactly_one("project", "update", "task", name="comment_has_one_subject"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, depth=0)
                | Q(parent__isnull=False, depth__gte=1, depth__lte=DEEPEST),
                name="comment_depth_fits_its_parent",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(body="", body_html=""),
                name="deleted_comment_is_empty",
            ),
        ]
        triggers = [RefuseTheDeparted("comment_is_by_somebody", "author_id")]
        indexes = [
            models.Index(
                fields=["project", "id"], name="comments_on_a_project", condition=Q(parent__isnull=True)
            ),
            models.Index(
                fields=["update", "id"], name="comments_on_an_update", condition=Q(parent__isnull=True)
            ),
            models.Index(fields=["task", "id"], name="comments_on_a_task", condition=Q(parent__isnull=True)),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:40]}"

    @property
    def subject_field(self) -> str:
        """The column that points at what it is about."""
        return "project" if self.project_id else "update" if self.update_id else "task"


def subject_field(subject: Commentable) -> str:
    """The column of `Comment` that points at this kind of thing."""
    return {Project: "project", Update: "update", Task: "task"}[type(subject)]


class CommentAttachmentQuerySet(models.QuerySet["CommentAttachment"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Those of the comments that a person may see."""
        return self.filter(comment__in=Comment.objects.visible_to(viewer))

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those of a comment that a person sees: all."""
        return self.all() if parent == "comment" else self.visible_to(viewer)


class CommentAttachment(Place):
    """That a file is attached to a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="attachments", db_index=False)

    objects = CommentAttachmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "position"], name="attachment_of_a_comment_has_a_position_of_its_own"
            ),
            models.CheckConstraint(
                condition=Q(position__lt=MOST_ATTACHED), name="comment_has_a_bounded_number_of_attachments"
            ),
        ]
        triggers = stands("purpose = 'ATTACHMENT'", "comment_id")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.media_id} on {self.comment_id}"


def shown_attachments(viewer: User | None) -> CommentAttachmentQuerySet:
    """The attachments that a person sees; `MEDIA_PLACES` names this."""
    return CommentAttachment.objects.visible_to(viewer)
