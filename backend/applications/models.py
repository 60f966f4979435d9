"""Programs of others that people let in (OAuth 2.0, RFC 6749), on the tables of django-oauth-toolkit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from oauth2_provider.models import AbstractApplication, AccessToken, ApplicationManager

from backend.accounts.departed import RefuseTheDeparted
from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.core.rights import TellRightsLost

#: Loopback as numbers: a name may be made to mean something else (RFC 8252, 8.3).
_LOOPBACK = ("127.0.0.1", "::1")


class Application(AbstractApplication):  # type: ignore[misc]
    """A program that somebody else makes and runs; registered by staff, so that people are asked about known ones only."""

    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Whose it is."
    )

    objects: ApplicationManager = ApplicationManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(authorization_grant_type=AbstractApplication.GRANT_AUTHORIZATION_CODE),
                name="application_uses_authorization_codes",
            ),
            models.CheckConstraint(condition=Q(skip_authorization=False), name="application_asks_the_person"),
            models.CheckConstraint(
                condition=Q(hash_client_secret=True), name="application_secret_is_not_kept_in_clear"
            ),
        ]

    def get_allowed_schemes(self) -> list[str]:
        """Those of its own redirect URIs, each of which `clean` has looked at."""
        return sorted({uri.partition(":")[0].lower() for uri in self.redirect_uris.split()} | {"https"})

    def clean(self) -> None:
        """Raises `ValidationError` for what the toolkit refuses, and for a redirect URI that others might answer at."""
        super().clean()
        for uri in self.redirect_uris.split():
            if not may_be_redirected_to(uri):
                raise ValidationError(
                    {"redirect_uris": f"{uri}: https, loopback, or a scheme of the application's own."}
                )

    if TYPE_CHECKING:
        id: int


def may_be_redirected_to(uri: str) -> bool:
    """Whether a code may be sent there: over TLS, or on the person's own machine (RFC 8252, 7).

    A scheme of its own holds a dot: it is a domain name backwards, which others have no reason to use.
    """
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not uri.isascii() or not uri.isprintable() or "#" in uri:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme == "http":
        return host in _LOOPBACK
    return re.fullmatch(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+", parts.scheme) is not None


class AuthorizedApplicationQuerySet(models.QuerySet["AuthorizedApplication"]):
    def visible_to(self, viewer: User | None) -> Self:
        """A person's own."""
        return self.filter(user=viewer, user__is_active=True) if viewer else self.none()


class AuthorizedApplication(models.Model):
    """That somebody let a program in. It has tokens for as long as this is there: whoever makes one locks this."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="authorizations")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="authorizations")
    scopes = ArrayField(models.CharField(max_length=30), help_text="All that it was ever let do.")
    authorized_at = models.DateTimeField(default=timezone.now, help_text="The last time.")

    objects = AuthorizedApplicationQuerySet.as_manager()

    class Meta:
        triggers = [RefuseTheDeparted("program_is_let_in_by_somebody", "user_id")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "application"], name="person_authorizes_an_application_once"
            ),
            models.CheckConstraint(
                condition=Q(scopes__len__gte=1) & Q(scopes__contained_by=Scope.values),
                name="authorization_has_known_scopes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} for {self.user}"


class AppTokenQuerySet(models.QuerySet["AppToken"]):
    def current(self) -> Self:
        """Those that still let an application in."""
        return self.filter(expires__gt=Now(), user__is_active=True)

    def of_hash(self, token_hash: str) -> Self:
        """The current one whose text has this hash, if any; the toolkit calls the hash a checksum."""
        return self.current().filter(token_checksum=token_hash)


class AppToken(AccessToken):  # type: ignore[misc]
    """The toolkit's access tokens, seen by who is let in with one; they are written by the toolkit alone."""

    objects = AppTokenQuerySet.as_manager()

    class Meta:
        proxy = True
        triggers = [
            # The toolkit revokes by deleting. Of those that have run out nobody is let in any more, and there are many.
            TellRightsLost(
                "app_token_is_deleted",
                pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.expires > now()"),
                app_key_id="id",
            ),
            TellRightsLost(
                "app_token_ends",
                pgtrigger.Update,
                condition=pgtrigger.Q(new__expires__lt=pgtrigger.F("old__expires"))
                | pgtrigger.Q(new__scope__df=pgtrigger.F("old__scope")),
                app_key_id="id",
            ),
        ]
