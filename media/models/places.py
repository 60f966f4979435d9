from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from backend.accounts.models import User
from backend.boards.models import Claim, Task
from backend.core.models import exactly_one
from backend.projects.models import Project
from media.models.standing import Place, stands

MOST_IN_A_GALLERY = 20
#: Files on one task, update, comment or submission.
MOST_ATTACHED = 10


class PlacementKind(models.TextChoices):
    AVATAR = "AVATAR", "The picture of a person"
    COVER = "COVER", "The first picture of a project"
    GALLERY = "GALLERY", "The other pictures of a project"
    TASK = "TASK", "Attached to a task"
    CLAIM = "CLAIM", "Handed in with the work of a claim"


class PlacementQuerySet(models.QuerySet["Placement"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Those on the things that a person may see."""
        return self.filter(
            Exists(User.objects.visible_to(viewer).filter(pk=OuterRef("user")))
            | Exists(Project.objects.visible_to(viewer).filter(pk=OuterRef("project")))
            | Exists(Task.objects.visible_to(viewer).filter(pk=OuterRef("task")))
            | Exists(Claim.objects.visible_to(viewer).filter(pk=OuterRef("claim")))
        )

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those of a thing that a person sees: all."""
        seen = ("user", "project", "task", "claim")
        return self.all() if parent in seen else self.visible_to(viewer)


class Placement(Place):
    """That a file stands on a person, a project, a task or a claim."""

    kind = models.CharField(max_length=7, choices=PlacementKind.choices)
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="avatar_place"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="pictures"
    )
    task = models.ForeignKey(
        Task, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments"
    )
    claim = models.ForeignKey(
        Claim, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments"
    )

    objects = PlacementQuerySet.as_manager()

    class Meta:
        constraints = [
            exactly_one("user", "project", "task", "claim", name="placement_is_on_one_thing"),
            models.CheckConstraint(
                condition=Q(kind=PlacementKind.AVATAR, user__isnull=False, position=0)
                | Q(kind=PlacementKind.COVER, project__isnull=False, position=0)
                | Q(kind=PlacementKind.GALLERY, project__isnull=False, position__lt=MOST_IN_A_GALLERY)
                | Q(kind=PlacementKind.TASK, task__isnull=False, position__lt=MOST_ATTACHED)
                | Q(kind=PlacementKind.CLAIM, claim__isnull=False, position__lt=MOST_ATTACHED),
                name="placement_is_of_a_kind_that_its_thing_has",
            ),
            # A cover is at position 0, so there is one; and of the others no more than there are positions.
            models.UniqueConstraint(
                fields=["project", "kind", "position"], name="picture_has_a_position_of_its_own"
            ),
            models.UniqueConstraint(
                fields=["task", "position"], name="attachment_of_a_task_has_a_position_of_its_own"
            ),
            models.UniqueConstraint(
                fields=["claim", "position"], name="attachment_of_a_claim_has_a_position_of_its_own"
            ),
        ]
        triggers = stands(
            "CASE NEW.kind WHEN 'AVATAR' THEN purpose = 'AVATAR' AND owner_id = NEW.user_id"
            " WHEN 'TASK' THEN purpose = 'ATTACHMENT' WHEN 'CLAIM' THEN purpose = 'ATTACHMENT'"
            " ELSE purpose = 'PROJECT_IMAGE' AND project_id = NEW.project_id END",
            *("kind", "user_id", "project_id", "task_id", "claim_id"),
        )
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.media_id}"


def shown(viewer: User | None) -> PlacementQuerySet:
    """The placements that a person sees; `MEDIA_PLACES` names this."""
    return Placement.objects.visible_to(viewer)
