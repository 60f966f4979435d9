from __future__ import annotations

from datetime import timedelta
from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models.people import User
from backend.accounts.scopes import Scope
from backend.core.rights import TellRightsLost

#: So long may a person's key for a program last; it must always end.
KEY_LASTS_AT_MOST = timedelta(days=366)


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
