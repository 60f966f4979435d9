from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Lower, Now
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from backend.accounts.blocks import without_hidden
from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.scopes import Scope
from backend.core.rights import TellRightsLost

#: So long may a person's key for a program last; it must always end.
KEY_LASTS_AT_MOST = timedelta(days=366)
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
            RefuseTheDeparted("session_is_of_somebody", "user_id"),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d}"


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def current(self) -> Self:
        """Those that still let a program in."""
        return self.filter(revoked_at=None, expires_at__gt=Now(), user__is_active=True)

    def of_hash(self, token_hash: str) -> Self:
        """The current one whose secret has this hash, if any."""
        return self.current().filter(token_hash=token_hash)

    def visible_to(self, viewer: User | None) -> Self:
        """A person's own."""
        return self.current().filter(user=viewer) if viewer else self.none()


class AccessToken(models.Model):
    """A key that a person made for a program. The secret itself is never stored: only its hash can be looked up."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=30))
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="Within an hour: it is not written at each use."
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"))
                & Q(expires_at__lte=F("created_at") + KEY_LASTS_AT_MOST),
                name="access_token_expires_within_a_year",
            ),
            models.CheckConstraint(
                condition=Q(scopes__len__gte=1) & Q(scopes__contained_by=Scope.values),
                name="access_token_has_known_scopes",
            ),
        ]
        triggers = [
            TellRightsLost(
                "access_token_ends",
                pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=True, new__revoked_at__isnull=False)
                | pgtrigger.Q(new__expires_at__lt=pgtrigger.F("old__expires_at"))
                | pgtrigger.Q(new__scopes__df=pgtrigger.F("old__scopes")),
                key_id="id",
            ),
            TellRightsLost("access_token_is_deleted", pgtrigger.Delete, key_id="id"),
            RefuseTheDeparted("access_token_is_somebodys", "user_id"),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


class Totp(models.Model):
    """Somebody's second factor: what their authenticator app and we both know (RFC 6238)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="totp")
    sealed_secret = models.TextField(editable=False, help_text="See `backend.core.seals`.")
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="Before this it counts for nothing.")
    last_step = models.BigIntegerField(
        default=0, help_text="Of the last code that was used; older ones are not good."
    )
    guesses = models.PositiveSmallIntegerField(
        default=0, help_text="Codes tried since the last that was right."
    )
    guessing_since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"of {self.user}"


class RecoveryCode(models.Model):
    """Lets somebody in once who has lost their authenticator app."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"of {self.user}"


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


def has_second_factor() -> Exists:
    """Whether each person of a queryset is asked for a code when they log in."""
    return Exists(Totp.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False))


def recovery_codes_left() -> Combinable:
    """How many recovery codes each person of a queryset has that are not used yet."""
    unused = RecoveryCode.objects.filter(user=OuterRef("pk"), used_at=None).order_by().values("user")
    return Coalesce(Subquery(unused.annotate(count=Count("pk")).values("count")), 0)


def new_token(kind: str = "") -> str:
    """A bearer token of 256 random bits; the prefix lets a leaked one be recognised (RFC 8959's idea).

    What is random is hexadecimal, so that none can look like one of another kind.
    """
    return f"acequia_{kind}{secrets.token_hex(32)}"


def hash_of(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so one round of SHA-256 cannot be searched back."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
