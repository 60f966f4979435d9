from __future__ import annotations

from django.db import models
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from backend.accounts.models.people import User


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


def has_second_factor() -> Exists:
    """Whether each person of a queryset is asked for a code when they log in."""
    return Exists(Totp.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False))


def recovery_codes_left() -> Combinable:
    """How many recovery codes each person of a queryset has that are not used yet."""
    unused = RecoveryCode.objects.filter(user=OuterRef("pk"), used_at=None).order_by().values("user")
    return Coalesce(Subquery(unused.annotate(count=Count("pk")).values("count")), 0)
