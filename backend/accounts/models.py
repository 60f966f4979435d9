from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
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


class Users(UserManager["User"]):
    """The manager that Django's own commands expect, on our queryset."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, viewer: User | None) -> UserQuerySet:
        """See `UserQuerySet.visible_to`."""
        return self.get_queryset().visible_to(viewer)

    def create_superuser(self, email: str, password: str, handle: str) -> User:  # type: ignore[override]
        """A person with every right, for `manage.py createsuperuser`."""
        user = self.model(email=email, handle=handle, display_name=handle, is_staff=True, is_superuser=True)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they did is counted here in the transactions that do it; it is never a place for rights."""

    email = models.EmailField(unique=True, help_text="NFKC and case-folded: one spelling, one person.")
    email_verified_at = models.DateTimeField(null=True, blank=True)
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
            models.CheckConstraint(condition=Q(email=Lower("email")), name="email_is_lower_case"),
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
        ordering = ["handle"]

    def __str__(self) -> str:
        return f"@{self.handle}"

    if TYPE_CHECKING:
        id: int


class SessionQuerySet(models.QuerySet["Session"]):
    def current(self) -> Self:
        """Those that still let somebody in."""
        return self.filter(ended_at=None, expires_at__gt=Now(), user__is_active=True)

    def of_token(self, token: str) -> Self:
        """The current session that a bearer token opens, if any."""
        return self.of_hash(hash_of(token))

    def of_hash(self, token_hash: str) -> Self:
        """The current session whose token has this hash, if any."""
        return self.current().filter(token_hash=token_hash)

    def visible_to(self, viewer: User | None) -> Self:
        """A person's own."""
        return self.current().filter(user=viewer) if viewer else self.none()


class Session(models.Model):
    """One logged-in client. The token itself is never stored: only its hash can be looked up."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    user_agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="session_expires_after_it_began"
            )
        ]
        triggers = [
            TellRightsLost(
                "session_ends",
                pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=True, new__ended_at__isnull=False)
                | pgtrigger.Q(new__expires_at__lt=pgtrigger.F("old__expires_at")),
                session_id="id",
            ),
            TellRightsLost("session_is_deleted", pgtrigger.Delete, session_id="id"),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d}"


def new_token() -> str:
    """A bearer token of 256 random bits; the prefix lets a leaked one be recognised (RFC 8959's idea)."""
    return "acequia_" + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so one round of SHA-256 cannot be searched back."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
