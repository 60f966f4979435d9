"""Leaving for good: the account is closed at once, and what it leaves behind is erased in parts, by a job."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from procrastinate.contrib.django import app

from backend.accounts.factors import demand_second_factor
from backend.accounts.models import Erasure, RetiredHandle, User
from backend.accounts.passwords import demand_password
from backend.core.holdings import holdings
from backend.core.queue import BACKOFF
from backend.core.refusals import NotFound

#: For so long nobody can pass for somebody who has just left.
HANDLE_RESTS = timedelta(days=90)
#: What every pseudonym begins with; nobody may sign up with such a handle.
PSEUDONYM = "deleted-"
NAME_OF_ALL = "Deleted person"
#: Rows dealt with in one transaction.
BATCH = 500
#: What was on its way when the account was closed, notices of the worker among it, has arrived after so long.
SETTLED = timedelta(seconds=60)


def delete_account(*, by: User, password: str, one_time_code: str = "") -> Erasure:
    """Close one's account for good: nobody can log in with it, and nothing of it is visible from here on.

    A tombstone under a random pseudonym stays in its place; `erase_part` forgets the rest. There is no way back.
    Raises `PasswordWrong`, what `demand_second_factor` does, `NotFound`, and what the closing of a domain's holdings
    raises (`OwnsProjects`).
    """
    demand_password(user=by, password=password)
    demand_second_factor(user=by, code=one_time_code)
    return close(by=by)


@transaction.atomic(durable=True)
def close(*, by: User) -> Erasure:
    """Close an account whose owner has shown who they are. Raises `NotFound`, `OwnsProjects`."""
    # Against key shares too, which whatever is written in their name takes: it is there before this, or not at all.
    user = User.objects.select_for_update().filter(pk=by.pk, is_active=True).first()
    if user is None:
        raise NotFound
    for holding in holdings():
        if holding.closing is not None:
            holding.closing(user)
    user.groups.clear()
    user.user_permissions.clear()
    RetiredHandle.objects.update_or_create(
        handle_hash=hash_of_handle(user.handle), defaults={"free_at": timezone.now() + HANDLE_RESTS}
    )
    _make_tombstone(user)
    erase_account.defer(user_id=user.pk)
    return Erasure.objects.create(user=user)


@app.task(name="erase_account", retry=BACKOFF)
def erase_account(*, user_id: int) -> None:
    """Forget a part of somebody who left, and ask for the next in the same transaction: a killed worker loses nothing."""
    with transaction.atomic(durable=True):
        left = erase_part(user_id=user_id)
        if left:
            erase_account.defer(user_id=user_id)
        elif left is None:
            seconds = int(SETTLED.total_seconds())
            erase_account.configure(schedule_in={"seconds": seconds}).defer(user_id=user_id)


def erase_part(*, user_id: int) -> bool | None:
    """Forget the next part of a person who left, in the transaction of whoever calls: true when there may be more.

    None: all is forgotten but for what may still be on its way; false: it is finished. Parts that are done again find
    nothing to do.
    """
    erasure = Erasure.objects.select_for_update().filter(user=user_id, finished_at=None).first()
    if erasure is None:
        return False
    for holding in holdings():
        if holding.erase is not None and (done := holding.erase(user_id, BATCH)):
            Erasure.objects.filter(pk=erasure.pk).update(rows_done=F("rows_done") + done)
            return True
    if timezone.now() < erasure.closed_at + SETTLED:
        return None
    Erasure.objects.filter(pk=erasure.pk).update(finished_at=timezone.now())
    return False


def free_handles() -> int:
    """Let go of handles whose rest is over; says how many."""
    return RetiredHandle.objects.filter(free_at__lte=timezone.now()).delete()[0]


def is_retired(handle: str) -> bool:
    """Whether somebody who left was known by this handle a short while ago."""
    return RetiredHandle.objects.filter(
        handle_hash=hash_of_handle(handle), free_at__gt=timezone.now()
    ).exists()


def hash_of_handle(handle: str) -> str:
    """What is kept of a handle: keyed, for there are so few handles that a plain hash could be searched back."""
    return salted_hmac("acequia.retired-handle", handle, algorithm="sha256").hexdigest()


def _make_tombstone(user: User) -> None:
    pseudonym = PSEUDONYM + secrets.token_hex(8)
    blank = User(handle=pseudonym, display_name=NAME_OF_ALL, email=pseudonym)
    blank.set_unusable_password()
    emptied = (
        *(
            "handle",
            "display_name",
            "email",
            "email_verified_at",
            "new_email",
            "password",
            "last_login",
            "locale",
        ),
        *("bio", "bio_html", "location", "website", "skills", "interests", "imported_from"),
    )
    User.objects.filter(pk=user.pk).update(
        **{name: getattr(blank, name) for name in emptied},
        is_active=False,
        is_staff=False,
        is_superuser=False,
        deleted_at=timezone.now(),
    )
