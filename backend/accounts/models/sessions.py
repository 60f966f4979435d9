from __future__ import annotations

import hashlib
import secrets
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models.people import User
from backend.core.rights import TellRightsLost


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


def new_token(kind: str = "") -> str:
    """A bearer token of 256 random bits; the prefix lets a leaked one be recognised (RFC 8959's idea).

    What is random is hexadecimal, so that none can look like one of another kind.
    """
    return f"acequia_{kind}{secrets.token_hex(32)}"


def hash_of(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so one round of SHA-256 cannot be searched back."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
