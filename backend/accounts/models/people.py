from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from backend.accounts.blocks import without_hidden
from backend.core.rights import TellRightsLost

#: Tasks that one person may hold unfinished at the same time, so that nobody sits on a whole board.
CLAIMS_AT_ONCE = 20


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Everyone who has not left, but whom they have blocked or who has blocked them."""
        return without_hidden(self.filter(is_active=True), "pk", viewer)

    def owning(self, email: str) -> Self:
        """Who has shown that this address is theirs: nobody, or one person."""
        return self.filter(email=email, email_verified_at__isnull=False, is_active=True)

    def claiming(self, email: str) -> Self:
        """Who may be reached at this address: its owner, or else those who say that it is theirs, oldest first."""
        people = self.filter(email=email, is_active=True)
        return people.order_by(F("email_verified_at").asc(nulls_last=True), "pk")


class Users(UserManager["User"]):
    """The manager that Django's own commands expect, on our queryset."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, viewer: User | None) -> UserQuerySet:
        """See `UserQuerySet.visible_to`."""
        return self.get_queryset().visible_to(viewer)

    def owning(self, email: str) -> UserQuerySet:
        """See `UserQuerySet.owning`."""
        return self.get_queryset().owning(email)

    def claiming(self, email: str) -> UserQuerySet:
        """See `UserQuerySet.claiming`."""
        return self.get_queryset().claiming(email)

    def get_by_natural_key(self, username: str | None) -> User:
        """The owner of an address, for the back office. Raises `User.DoesNotExist`."""
        return self.owning((username or "").strip().lower()).get()

    def create_superuser(self, email: str, password: str, handle: str) -> User:  # type: ignore[override]
        """A person with every right, for `manage.py createsuperuser`; whoever runs that vouches for the address.

        Raises `ValidationError` when the address or the handle is somebody else's, or is none.
        """
        user = self.model(email=email.strip().lower(), handle=handle, display_name=handle)
        user.is_staff = user.is_superuser = True
        user.email_verified_at = timezone.now()
        user.set_password(password)
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            raise ValidationError("This address or this handle is somebody else's, or it is none.") from None
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they did is counted here in the transactions that do it; it is never a place for rights."""

    email = models.EmailField(
        help_text="NFKC and case-folded. Anybody may say that an address is theirs; whoever shows it owns it, alone."
    )
    email_verified_at = models.DateTimeField(null=True, blank=True)
    new_email = models.EmailField(
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="What they want to change to, until they show that it is theirs.",
    )
    handle = models.CharField(max_length=30, unique=True)
    display_name = models.CharField(max_length=60)
    bio = models.TextField(blank=True)
    bio_html = models.TextField(blank=True, editable=False)
    location = models.CharField(max_length=100, blank=True)
    website = models.URLField(max_length=200, blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    interests = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    locale = models.CharField(max_length=6, default="en")

    is_active = models.BooleanField(default=True)
    deleted_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When they left for good; whoever is only banned can come back.",
    )
    is_staff = models.BooleanField(default=False, help_text="Reviews projects; may use the admin.")
    created_at = models.DateTimeField(default=timezone.now)

    follower_count = models.PositiveIntegerField(default=0, editable=False)
    following_count = models.PositiveIntegerField(default=0, editable=False)
    project_count = models.PositiveIntegerField(
        default=0, editable=False, help_text="Public ones that they own."
    )
    completed_task_count = models.PositiveIntegerField(default=0, editable=False)
    minutes_given = models.PositiveIntegerField(default=0, editable=False)
    open_claim_count = models.PositiveSmallIntegerField(default=0, editable=False)
    block_count = models.PositiveIntegerField(
        default=0, editable=False, help_text="Those that they made and those that others made against them."
    )
    # Read with the session: for whoever has none, nothing is asked about blocks.
    has_blocks = models.GeneratedField(
        expression=GreaterThan(F("block_count"), 0), output_field=models.BooleanField(), db_persist=True
    )

    #: Where an imported account came from, e.g. "goteo:julieta"; empty for people who signed up.
    imported_from = models.CharField(max_length=100, blank=True, editable=False)

    objects = Users()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["handle"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["imported_from"], condition=~Q(imported_from=""), name="account_is_imported_once"
            ),
            # Among those who have shown it: else whoever signs up would learn from a refusal who is here, and a stranger
            # who came first would keep an address from its owner.
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(email_verified_at__isnull=False),
                name="verified_address_is_one_persons",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="email_is_lower_case"),
            # Addresses go into the heads of letters: nothing in them may begin a new line there.
            models.CheckConstraint(
                condition=Q(email__regex="^[!-~]*$", new_email__regex="^[!-~]*$"),
                name="address_is_one_plain_word",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(is_active=False, is_staff=False, is_superuser=False),
                name="deleted_account_lets_nobody_in",
            ),
            models.CheckConstraint(
                condition=Q(handle__regex=r"^[a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9])$"),
                name="handle_is_plain_ascii",
            ),
            models.CheckConstraint(
                condition=Q(open_claim_count__lte=CLAIMS_AT_ONCE),
                name="person_holds_a_bounded_number_of_claims",
            ),
        ]
        triggers = [
            TellRightsLost(
                "person_is_banned_or_not_staff_any_more",
                pgtrigger.Update,
                condition=pgtrigger.Q(old__is_active=True, new__is_active=False)
                | pgtrigger.Q(old__is_staff=True, new__is_staff=False),
                user_id="id",
            ),
            # Of either of the two: what others are told depends on it from now on.
            TellRightsLost(
                "person_begins_or_ceases_to_have_blocks",
                pgtrigger.Update,
                condition=pgtrigger.AnyChange("has_blocks"),
                user_id="id",
            ),
        ]
        indexes = [models.Index(fields=["email"], name="people_by_address")]
        ordering = ["handle"]

    def __str__(self) -> str:
        return f"@{self.handle}"

    if TYPE_CHECKING:
        id: int
