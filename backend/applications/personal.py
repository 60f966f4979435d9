from typing import Any

from oauth2_provider.models import AccessToken, DeviceGrant, Grant, IDToken, RefreshToken

from backend.accounts.models import User
from backend.applications.models import Application, AuthorizedApplication
from backend.core.holdings import Fate, Holding, Told

DELETED, KEPT = Fate.DELETED, Fate.KEPT
#: Those that point at others of them first.
_KEYS: tuple[Any, ...] = (RefreshToken, AccessToken, IDToken, Grant, DeviceGrant)


def _let_no_program_in(user: User) -> None:
    AuthorizedApplication.objects.filter(user=user).delete()
    _delete_keys(user.pk, 0)


def _delete_keys(person: int, most: int) -> int:
    """All of them, for they are few; once more later, because the toolkit may have been writing one."""
    return sum(int(model.objects.filter(user=person).delete()[0]) for model in _KEYS)


HOLDINGS = (
    Holding(
        name="authorized_applications",
        says="the programs of others that you let in.",
        model=AuthorizedApplication,
        whose="user",
        columns={
            "application": Told("Which.", DELETED, "application__name"),
            "scopes": Told("What it may do.", DELETED),
            "authorized_at": Told("When you let it in last.", DELETED),
        },
        closing=_let_no_program_in,
        erase=_delete_keys,
    ),
    Holding(
        name="applications",
        says="the programs of yours that staff has registered.",
        model=Application,
        whose="user",
        columns={
            "name": Told("What it is called.", KEPT),
            "redirect_uris": Told("Where people are sent back to.", KEPT),
            "created": Told("When it was registered.", KEPT),
        },
    ),
    Holding(model=RefreshToken, whose="user", secrets={"token": DELETED, "token_checksum": DELETED}),
    Holding(model=AccessToken, whose="user", secrets={"token": DELETED, "token_checksum": DELETED}),
    Holding(model=IDToken, whose="user", secrets={"jti": DELETED}),
    Holding(model=Grant, whose="user", secrets={"code": DELETED, "nonce": DELETED, "claims": DELETED}),
    Holding(model=DeviceGrant, whose="user", secrets={"device_code": DELETED, "user_code": DELETED}),
)

NOT_PERSONAL: dict[Any, tuple[str, ...]] = {
    AuthorizedApplication: ("id", "user"),
    Application: (
        *("id", "user", "client_id", "post_logout_redirect_uris", "client_type", "authorization_grant_type"),
        *("client_secret", "hash_client_secret", "skip_authorization", "updated", "algorithm"),
        *("allowed_origins", "registration_source", "cimd_expires_at"),
    ),
    RefreshToken: (
        *("id", "user", "application", "access_token", "token_family", "resource", "created", "updated"),
        "revoked",
    ),
    AccessToken: (
        *("id", "user", "source_refresh_token", "id_token", "application", "expires", "scope", "resource"),
        *("created", "updated"),
    ),
    IDToken: ("id", "user", "application", "expires", "scope", "created", "updated"),
    Grant: (
        *("id", "user", "application", "expires", "redirect_uri", "scope", "created", "updated"),
        *("code_challenge", "code_challenge_method", "resource"),
    ),
    DeviceGrant: (*("id", "user", "scope", "interval", "expires", "status", "client_id", "last_checked"),),
}
