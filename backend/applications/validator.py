"""What django-oauth-toolkit asks of the house: which scopes there are, and how codes and tokens are made and kept."""

import re
from typing import Any

from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.oauth2.rfc6749 import errors

from backend.accounts.models import hash_of, new_token
from backend.accounts.scopes import Scope
from backend.applications.models import AuthorizedApplication, may_be_redirected_to

#: By which a leaked one is recognised, and a lookup knows its table.
TOKEN_PREFIX = "acequia_oat_"  # noqa: S105


def new_access_token(request: Any, refresh_token: bool = False) -> str:
    """The text of an access token: 256 random bits."""
    return new_token("oat_")


def new_refresh_token(request: Any, refresh_token: bool = False) -> str:
    """The text of a refresh token: 256 random bits."""
    return new_token("ort_")


class Scopes(BaseScopes):  # type: ignore[misc]
    """Those of `backend.accounts.scopes`, of which every application may ask for each."""

    def get_all_scopes(self) -> dict[str, str]:
        """Each with what a person reads about it."""
        return {scope.value: str(scope.label) for scope in Scope}

    def get_available_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        """All."""
        return list(Scope.values)

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        """Where an application names none."""
        return [Scope.READ.value]


class _Reused(Exception):
    """A refresh token that was used already."""


class Validator(OAuth2Validator):  # type: ignore[misc]
    """The toolkit's, but for some things: codes are kept as hashes too; a code is spent by the first look at it, right or
    wrong; of two who refresh with one token at once the second is found out; and nobody who is not let in has tokens.
    """

    def _load_application(self, client_id: str, request: Any) -> Any:
        # PostgreSQL refuses some characters loudly.
        return super()._load_application(client_id, request) if (client_id or "").isprintable() else None

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether it is one of the application's, and safe to send a code to whoever registered it."""
        is_known = super().validate_redirect_uri(client_id, redirect_uri, request, *args, **kwargs)
        return bool(is_known) and may_be_redirected_to(redirect_uri)

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Keep the hash of a code, and that the person lets the application in. Raises `InvalidRequestError`."""
        if request.code_challenge_method != "S256" or not re.fullmatch(
            r"[\w-]{43}", request.code_challenge or "", re.A
        ):
            raise errors.InvalidRequestError(
                description="PKCE with S256 is required (RFC 7636).", request=request
            )
        request.nonce, request.claims, request.resource = None, None, []
        with transaction.atomic():
            of_both = {"user": request.user, "application": request.client}
            now, scopes = timezone.now(), sorted(set(request.scopes))
            made, is_new = AuthorizedApplication.objects.select_for_update(no_key=True).get_or_create(
                **of_both, defaults={"scopes": scopes}
            )
            if not is_new:
                made.scopes, made.authorized_at = sorted({*made.scopes, *scopes}), now
                made.save(update_fields=["scopes", "authorized_at"])
            self._create_authorization_code(request, {**code, "code": hash_of(code["code"])})

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Spend it; whether it was good. Of two who send it at once one has it."""
        request.spent = None
        grants = Grant.objects.filter(code=hash_of(code), application=client)
        grant = grants.select_related("user").first()
        if grant is None or not Grant.objects.filter(pk=grant.pk).delete()[0]:
            return False
        if grant.is_expired() or not grant.user.is_active:
            return False
        request.spent = grant
        request.user, request.scopes = grant.user, grant.scope.split()
        return True

    def get_code_challenge(self, code: str, request: Any) -> str:
        """What the verifier must fit."""
        return str(request.spent.code_challenge)

    def get_code_challenge_method(self, code: str, request: Any) -> str:
        """How."""
        return str(request.spent.code_challenge_method)

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: Any,
        request: Any,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        """Whether it is the one that the code was sent to (RFC 6749, 4.1.3)."""
        return bool(request.spent.redirect_uri == redirect_uri)

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """It was spent when it was looked at."""

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether it is this application's, was never used, and its person is here; else its family is revoked."""
        is_good = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        return bool(is_good) and bool(request.user.is_active)

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """Keep the hashes of new tokens. Raises `InvalidGrantError` for a refresh token that was used meanwhile."""
        used: Any = getattr(request, "refresh_token_instance", None)
        try:
            super().save_bearer_token(token, request, *args, **kwargs)
        except _Reused:
            RefreshToken.revoke_family(used.token_family)
            raise errors.InvalidGrantError(request=request) from None

    def _save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        let_in = AuthorizedApplication.objects.select_for_update(no_key=True)
        if not let_in.filter(user=request.user, application=request.client).exists():
            raise errors.InvalidGrantError(request=request)
        used = getattr(request, "refresh_token_instance", None)
        if used is not None:
            # The toolkit would answer the tokens of whoever was first, and has only their hashes.
            locked = RefreshToken.objects.select_for_update().filter(pk=used.pk).first()
            if locked is None or locked.revoked is not None:
                raise _Reused
        super()._save_bearer_token(token, request, *args, **kwargs)

    def _check_and_set_request_resource(self, request: Any) -> None:
        # Resource indicators (RFC 8707) are for servers with several resources; this one has one.
        request.resource = []
