"""Personal access tokens: keys that a person makes for programs of their own."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import KEY_LASTS_AT_MOST, AccessToken, User, hash_of, new_token
from backend.accounts.scopes import Scope
from backend.core.refusals import Invalid, NotFound, Refusal
from backend.core.text import clean_line

#: The start of every secret, by which a leaked one is recognised and a lookup knows its table.
KEY_PREFIX = "acequia_pat_"
KEY_LASTS = timedelta(days=90)
#: Live ones of one person.
MOST_KEYS = 50


class TooManyKeys(Refusal):
    code = "LIMIT"
    message = f"You have {MOST_KEYS} access tokens already: revoke one first."


@transaction.atomic(durable=True)
def create_access_token(
    *, by: User, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None
) -> tuple[AccessToken, str]:
    """Make a key for a program; the second value is the secret, which exists nowhere else.

    It ends within a year, after 90 days where nothing is said. Raises `Invalid`, `TooManyKeys`.
    """
    now = timezone.now()
    key = AccessToken(
        user_id=by.pk,
        name=clean_line(name, field="name", longest=60, shortest=1),
        scopes=[scope for scope in Scope if scope in set(scopes)],
        created_at=now,
        expires_at=now + KEY_LASTS if expires_at is None else expires_at,
    )
    if not key.scopes:
        raise Invalid("scopes", "At least one.")
    if timezone.is_naive(key.expires_at):
        raise Invalid("expiresAt", "A moment with its offset from UTC.")
    if not now < key.expires_at <= now + KEY_LASTS_AT_MOST:
        raise Invalid("expiresAt", "Later than now, and within a year.")
    # The person's row is the lock under which their keys are counted.
    if not User.objects.select_for_update(no_key=True).filter(pk=by.pk, is_active=True).exists():
        raise NotFound
    if AccessToken.objects.current().filter(user_id=by.pk).count() >= MOST_KEYS:
        raise TooManyKeys
    secret = new_token("pat_")
    key.token_hash = hash_of(secret)
    key.save(force_insert=True)
    return key, secret


@transaction.atomic(durable=True)
def revoke_access_token(*, access_token_id: int, by: User) -> None:
    """End one of one's own keys, and all that follows something with it. Raises `NotFound`, the second time too."""
    mine = AccessToken.objects.visible_to(by).filter(pk=access_token_id)
    # Without the join that asks whether the person is there: of two at once the second finds it revoked.
    if not mine.exists() or not AccessToken.objects.filter(pk=access_token_id, revoked_at=None).update(
        revoked_at=timezone.now()
    ):
        raise NotFound


def revoke_all(user: User) -> None:
    """End all keys of a person, inside the transaction of an action that has locked them."""
    AccessToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


@transaction.atomic
def note_use(access_token_id: int) -> None:
    """Write down that a key was used just now; where somebody else is writing to it, leave it rather than wait."""
    rows = AccessToken.objects.filter(pk=access_token_id).select_for_update(skip_locked=True)
    AccessToken.objects.filter(pk__in=rows.values("pk")).update(last_used_at=timezone.now())
