from __future__ import annotations

from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, Expression, F, OuterRef, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models import CLAIMS_AT_ONCE, User
from backend.core.models import names_where
from backend.core.rights import TellRightsLost
from backend.projects.models import COORDINATORS, Membership, Project, welcome

#: People who may work on one task at once.
MOST_SLOTS = 100


class BoardQuerySet(models.QuerySet["Board"]):
    def visible_to(self, viewer: User | None) -> Self:
        """The boards of the projects that a person may see."""
        return self.filter(project__in=Project.objects.visible_to(viewer))

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those of a project that a person sees: all."""
        return self.all() if parent == "project" else self.visible_to(viewer)

    def run_by(self, viewer: User | None) -> Self:
        """The boards that a person may change."""
        return self.filter(project__in=Project.objects.with_team_member(viewer, COORDINATORS))


class Board(models.Model):
    """A project's work, cut into tasks that anybody may claim."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="boards")
    title = models.CharField(max_length=120)
    claim_hours = models.PositiveSmallIntegerField(
        default=72, help_text="How long a claim is held before its place is free again."
    )
    created_at = models.DateTimeField(default=timezone.now)
    last_task_number = models.PositiveIntegerField(default=0, editable=False)

    objects = BoardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(claim_hours__gte=1, claim_hours__lte=24 * 90),
                name="claim_lasts_an_hour_to_ninety_days",
            )
        ]
        triggers = [
            TellRightsLost("board_is_deleted", pgtrigger.Delete),
            TellRightsLost(
                "board_is_of_another_project", pgtrigger.Update, condition=pgtrigger.AnyChange("project")
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class TaskState(models.TextChoices):
    OPEN = "OPEN", "Open: a place is free"
    CLAIMED = "CLAIMED", "Claimed: every place is taken"
    SUBMITTED = "SUBMITTED", "Submitted: work waits for review"
    DONE = "DONE", "Done"
    CLOSED = "CLOSED", "Closed by the team"


_TAKEN = F("claimed_count") + F("submitted_count") + F("accepted_count")


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, viewer: User | None) -> Self:
        """The tasks on the boards that a person may see."""
        return self.filter(board__in=Board.objects.visible_to(viewer))

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those on a board that a person sees: all."""
        return self.all() if parent == "board" else self.visible_to(viewer)

    def run_by(self, viewer: User | None) -> Self:
        """The tasks that a person may change and review."""
        return self.filter(board__in=Board.objects.run_by(viewer))


class Task(models.Model):
    """A piece of work that one person, or `slots` of them, can do in minutes or hours."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="tasks")
    number = models.PositiveIntegerField(help_text="Counts from 1 on its board.")
    title = models.CharField(max_length=160)
    body = models.TextField(blank=True)
    body_html = models.TextField(blank=True, editable=False)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    labels = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    estimate_minutes = models.PositiveIntegerField(null=True, blank=True)
    slots = models.PositiveSmallIntegerField(default=1)
    position = models.FloatField(
        help_text="Its place on the board, from the top; between two there is always room."
    )
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(
        default=1, help_text="Moves with every change of the task or its claims."
    )

    claimed_count = models.PositiveSmallIntegerField(default=0, editable=False)
    submitted_count = models.PositiveSmallIntegerField(default=0, editable=False)
    accepted_count = models.PositiveSmallIntegerField(default=0, editable=False)
    comment_count = models.PositiveIntegerField(default=0, editable=False)

    #: Where an imported task came from, e.g. "goteo:1129"; empty for tasks made here.
    imported_from = models.CharField(max_length=100, blank=True, editable=False)

    open_slots = models.GeneratedField(
        expression=F("slots") - _TAKEN, output_field=models.IntegerField(), db_persist=True
    )
    # Generated, not set: a task's state can never disagree with what its claims are.
    state = models.GeneratedField(
        expression=Case(
            When(closed_at__isnull=False, then=Value(TaskState.CLOSED.value)),
            When(accepted_count__gte=F("slots"), then=Value(TaskState.DONE.value)),
            When(slots__gt=_TAKEN, then=Value(TaskState.OPEN.value)),
            When(submitted_count__gt=0, then=Value(TaskState.SUBMITTED.value)),
            default=Value(TaskState.CLAIMED.value),
        ),
        output_field=models.CharField(max_length=9, choices=TaskState.choices),
        db_persist=True,
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["board", "number"], name="task_number_is_unique_on_its_board"),
            models.UniqueConstraint(
                fields=["imported_from"], condition=~Q(imported_from=""), name="task_is_imported_once"
            ),
            models.CheckConstraint(
                condition=Q(slots__gte=1, slots__lte=MOST_SLOTS), name="task_has_one_to_a_hundred_slots"
            ),
            # k places never hold k + 1, whatever any code does.
            models.CheckConstraint(condition=Q(slots__gte=_TAKEN), name="task_is_never_overbooked"),
        ]
        indexes = [models.Index(fields=["board", "position", "id"], name="tasks_of_a_board")]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"


class TaskPermission(models.TextChoices):
    """What a person may do with a task now."""

    CLAIM = "CLAIM", "Take a place on it"
    RELEASE = "RELEASE", "Give up their claim"
    SUBMIT = "SUBMIT", "Hand in work"
    COMMENT = "COMMENT", "Comment on it"
    EDIT = "EDIT", "Change, move or close it"
    REVIEW = "REVIEW", "Review work that is handed in"


class ClaimState(models.TextChoices):
    CLAIMED = "CLAIMED", "Claimed"
    SUBMITTED = "SUBMITTED", "Submitted"
    ACCEPTED = "ACCEPTED", "Accepted"
    RELEASED = "RELEASED", "Released"


#: A place on the task is taken in these states.
HELD = (ClaimState.CLAIMED, ClaimState.SUBMITTED, ClaimState.ACCEPTED)


class ReleaseReason(models.TextChoices):
    GIVEN_UP = "GIVEN_UP", "Given up"
    EXPIRED = "EXPIRED", "Expired"
    REVOKED = "REVOKED", "Revoked"


class WorkVerdict(models.TextChoices):
    ACCEPT = "ACCEPT", "Accept"
    REQUEST_CHANGES = "REQUEST_CHANGES", "Request changes"


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, viewer: User | None) -> Self:
        """The claims on the tasks that a person may see; given up ones only by who gave them up."""
        return self.filter(task__in=Task.objects.visible_to(viewer)).visible_under("task", viewer)

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those of a task that a person sees."""
        if parent != "task":
            return self.visible_to(viewer)
        return self.filter(Q(state__in=HELD) | Q(claimant=viewer)) if viewer else self.held()

    def held(self) -> Self:
        """Those that take a place."""
        return self.filter(state__in=HELD)


class Claim(models.Model):
    """One person's promise to do a task, and the work they hand in for it."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="claims")
    claimant = models.ForeignKey(User, on_delete=models.CASCADE, related_name="claims")
    state = models.CharField(max_length=9, choices=ClaimState.choices, default=ClaimState.CLAIMED)
    claimed_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=8, choices=ReleaseReason.choices, blank=True)

    submitted_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    links = ArrayField(models.URLField(max_length=500), default=list, blank=True)
    minutes_spent = models.PositiveIntegerField(null=True, blank=True)
    review_note = models.TextField(blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "claimant"], condition=Q(state__in=HELD), name="person_holds_a_task_once"
            ),
            models.CheckConstraint(condition=Q(state__in=ClaimState.values), name="claim_state_is_known"),
            models.CheckConstraint(
                condition=(
                    Q(state=ClaimState.RELEASED) & ~Q(release_reason="") & Q(released_at__isnull=False)
                )
                | (~Q(state=ClaimState.RELEASED) & Q(release_reason="", released_at__isnull=True)),
                name="claim_says_why_it_was_released",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ClaimState.SUBMITTED, ClaimState.ACCEPTED])
                | Q(submitted_at__isnull=False),
                name="claim_is_submitted_before_it_is_reviewed",
            ),
        ]
        triggers = [RefuseTheDeparted("claim_is_somebodys", "claimant_id")]
        indexes = [
            models.Index(
                fields=["expires_at"], name="claims_that_lapse", condition=Q(state=ClaimState.CLAIMED)
            ),
            models.Index(
                fields=["task", "claimed_at", "id"],
                name="claims_held_on_a_task",
                condition=Q(state__in=HELD),
                include=["claimant", "state"],
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.claimant} on {self.task}"


def task_permissions(viewer: User | None) -> Expression:
    """What a viewer may do with each task of a queryset that they see: the same questions as its actions ask."""
    if viewer is None:
        return names_where()

    def holds(*states: ClaimState) -> Exists:
        return Exists(Claim.objects.filter(task=OuterRef("pk"), claimant=viewer, state__in=states))

    in_time = Exists(
        Claim.objects.filter(
            task=OuterRef("pk"), claimant=viewer, state=ClaimState.CLAIMED, expires_at__gt=Now()
        )
    )
    # Asked of the row: the viewer may have claimed something since they were read.
    has_room = Exists(User.objects.filter(pk=viewer.pk, open_claim_count__lt=CLAIMS_AT_ONCE))
    runs = Exists(
        Membership.objects.filter(project=OuterRef("board__project"), user=viewer, role__in=COORDINATORS)
    )
    is_welcome = welcome("board__project__owner", viewer)
    return names_where(
        CLAIM=Q(closed_at__isnull=True, open_slots__gt=0) & ~Q(holds(*HELD)) & Q(has_room) & is_welcome,
        RELEASE=Q(holds(ClaimState.CLAIMED, ClaimState.SUBMITTED)),
        SUBMIT=Q(in_time),
        COMMENT=Q(pk__isnull=False) & is_welcome,
        EDIT=Q(runs),
        REVIEW=Q(runs) & Q(submitted_count__gt=0),
    )
