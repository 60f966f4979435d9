from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, Expression, OuterRef, Q, Value
from django.utils import timezone

from backend.accounts.blocks import no_block
from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models import User
from backend.communities.models import Community
from backend.core.models import names_where
from backend.core.rights import TellRightsLost


class Category(models.TextChoices):
    """The six domains of Goteo's founding text."""

    SOCIAL = "SOCIAL", "Social"
    CULTURAL = "CULTURAL", "Cultural"
    SCIENTIFIC = "SCIENTIFIC", "Scientific"
    EDUCATIONAL = "EDUCATIONAL", "Educational"
    TECHNOLOGICAL = "TECHNOLOGICAL", "Technological"
    ECOLOGICAL = "ECOLOGICAL", "Ecological"


class ProjectStatus(models.TextChoices):
    """Goteo's status machine (its `Model/Project.php`), with approval and launch as two steps."""

    DRAFT = "DRAFT", "Draft"
    IN_REVIEW = "IN_REVIEW", "In review"
    REJECTED = "REJECTED", "Rejected"
    APPROVED = "APPROVED", "Approved"
    LIVE = "LIVE", "Live"
    FUNDED = "FUNDED", "Funded"
    UNFUNDED = "UNFUNDED", "Not funded"
    FULFILLED = "FULFILLED", "Fulfilled"


#: From its launch on a project is everybody's to read, and stays so whatever becomes of it.
PUBLIC = (ProjectStatus.LIVE, ProjectStatus.FUNDED, ProjectStatus.UNFUNDED, ProjectStatus.FULFILLED)


class Role(models.TextChoices):
    OWNER = "OWNER", "Owner"
    ADMIN = "ADMIN", "Admin"
    EDITOR = "EDITOR", "Editor"
    COORDINATOR = "COORDINATOR", "Coordinator"


#: Who may change what a project says, and speak for it.
EDITORS = (Role.OWNER, Role.ADMIN, Role.EDITOR)
#: Who may take it through its states.
ADMINS = (Role.OWNER, Role.ADMIN)
#: Who may run its boards.
COORDINATORS = (Role.OWNER, Role.ADMIN, Role.COORDINATOR)


class Verdict(models.TextChoices):
    APPROVE = "APPROVE", "Approve"
    REQUEST_CHANGES = "REQUEST_CHANGES", "Request changes"
    REJECT = "REJECT", "Reject"


class ProjectPermission(models.TextChoices):
    """What a person may do with a project now."""

    FOLLOW = "FOLLOW", "Follow it"
    COMMENT = "COMMENT", "Comment on it"
    EDIT = "EDIT", "Change what it says"
    POST_UPDATE = "POST_UPDATE", "Tell its news"
    RUN_BOARDS = "RUN_BOARDS", "Make boards and tasks, review work"
    SUBMIT = "SUBMIT", "Ask for a review"
    REVIEW = "REVIEW", "Review it"
    LAUNCH = "LAUNCH", "Make it public"


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, viewer: User | None) -> Self:
        """What is public; for a person also what they work on; for staff everything."""
        if viewer is None:
            return self.filter(status__in=PUBLIC)
        if viewer.is_staff:
            return self.all()
        return self.filter(Q(status__in=PUBLIC) | Q(self._team(viewer, Role.values)))

    def public(self) -> Self:
        """What has been launched."""
        # Twice the same, by a constraint: the second is what the index of the newest says of its rows.
        return self.filter(status__in=PUBLIC, launched_at__isnull=False)

    def only_of(self, person: int) -> Self:
        """What somebody began and never made public, and nobody else works on."""
        others = Membership.objects.filter(project=OuterRef("pk"), user__is_active=True).exclude(user=person)
        return self.filter(~Exists(others), owner=person).exclude(status__in=PUBLIC)

    def with_team_member(self, viewer: User | None, roles: tuple[Role, ...]) -> Self:
        """Those in which a person has one of these roles: where an action asks for more than seeing."""
        if viewer is None:
            return self.none()
        return self.filter(self._team(viewer, roles))

    @staticmethod
    def _team(viewer: User, roles: Iterable[str]) -> Exists:
        return Exists(Membership.objects.filter(project=OuterRef("pk"), user=viewer, role__in=roles))


class Project(models.Model):
    """What people fund and work on together. Its money (needs, rewards, rounds) is not here yet."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="owned_projects")
    community = models.ForeignKey(
        Community, null=True, blank=True, on_delete=models.SET_NULL, related_name="projects"
    )
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=280, blank=True)
    description = models.TextField(blank=True)
    description_html = models.TextField(blank=True, editable=False)
    category = models.CharField(max_length=13, choices=Category.choices)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    location = models.CharField(max_length=100, blank=True)
    locale = models.CharField(max_length=6, default="en")

    status = models.CharField(max_length=9, choices=ProjectStatus.choices, default=ProjectStatus.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    launched_at = models.DateTimeField(null=True, blank=True)

    follower_count = models.PositiveIntegerField(default=0, editable=False)
    comment_count = models.PositiveIntegerField(default=0, editable=False)
    update_count = models.PositiveIntegerField(default=0, editable=False)

    #: The document that an imported project came as, to the letter: nothing of it is lost before it has its place.
    source = models.JSONField(null=True, blank=True, editable=False)
    #: Where it came from, e.g. "goteo:llevamealhuerto"; empty for projects made here.
    imported_from = models.CharField(max_length=100, blank=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["imported_from"], condition=~Q(imported_from=""), name="project_is_imported_once"
            ),
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="project_category_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=ProjectStatus.values), name="project_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=PUBLIC, launched_at__isnull=False)
                | (~Q(status__in=PUBLIC) & Q(launched_at__isnull=True)),
                name="project_is_public_from_its_launch_on",
            ),
        ]
        triggers = [
            TellRightsLost(
                "project_is_not_public_any_more",
                pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=PUBLIC) & ~pgtrigger.Q(new__status__in=PUBLIC),
            ),
            RefuseTheDeparted(
                "project_is_of_somebody",
                "owner_id",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("owner_id"),  # type: ignore[no-untyped-call]
            ),
        ]
        indexes = [
            models.Index(
                fields=["-launched_at", "-id"], name="projects_newest", condition=Q(launched_at__isnull=False)
            ),
            models.Index(fields=["-follower_count", "-id"], name="projects_most_followed"),
            models.Index(
                fields=["category", "-launched_at", "-id"],
                name="projects_by_category",
                condition=Q(launched_at__isnull=False),
            ),
            GinIndex(fields=["tags"], name="projects_by_tag"),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title


def welcome(owner: str, viewer: User) -> Q:
    """Whether a person may take part in a project, whose owner is in this column: not where there is a block between them.

    Of staff too, who see everybody: an owner need not hear them. Nothing is asked of whoever has no block.
    """
    return no_block(owner, viewer) if viewer.has_blocks else Q()


def project_permissions(viewer: User | None) -> Expression:
    """What a viewer may do with each project of a queryset that they see: the same questions as its actions ask."""
    if viewer is None:
        return names_where()

    def has(*roles: Role) -> Exists:
        return Exists(Membership.objects.filter(project=OuterRef("pk"), user=viewer, role__in=roles))

    return names_where(
        FOLLOW=Q(pk__isnull=False),
        COMMENT=Q(pk__isnull=False) & welcome("owner", viewer),
        EDIT=Q(has(*EDITORS)),
        POST_UPDATE=Q(has(*EDITORS)) & Q(status__in=PUBLIC),
        RUN_BOARDS=Q(has(*COORDINATORS)),
        SUBMIT=Q(has(*ADMINS)) & Q(status=ProjectStatus.DRAFT),
        REVIEW=Q(Value(viewer.is_staff)) & Q(status=ProjectStatus.IN_REVIEW),
        LAUNCH=Q(has(*ADMINS)) & Q(status=ProjectStatus.APPROVED),
    )


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, viewer: User | None) -> Self:
        """The teams of the projects that a person may see."""
        return self.filter(project__in=Project.objects.visible_to(viewer))

    def visible_under(self, parent: str, viewer: User | None) -> Self:
        """Those of a project that a person sees: all."""
        return self.all() if parent == "project" else self.visible_to(viewer)


class Membership(models.Model):
    """Somebody's place in the team of a project; the owner has one too, so that one question answers for all."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="team")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=11, choices=Role.choices)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="person_is_in_a_team_once"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(role=Role.OWNER), name="project_has_one_owner"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_is_known"),
        ]
        triggers = [
            TellRightsLost(
                "person_leaves_a_team_or_a_role", pgtrigger.Delete | pgtrigger.Update, user_id="user_id"
            ),
            RefuseTheDeparted(
                "team_is_of_somebody",
                "user_id",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("user_id"),  # type: ignore[no-untyped-call]
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}"


class Review(models.Model):
    """What staff decided about a submitted project, and why: kept for ever, read by the team."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=15, choices=Verdict.choices)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="review_verdict_is_known")
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.verdict} of {self.project}"
