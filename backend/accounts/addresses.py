import unicodedata
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email as validate_address
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from backend.accounts.letters import UNVERIFIED_DAYS, write
from backend.accounts.models import Session, User
from backend.accounts.passwords import demand_password
from backend.accounts.proofs import Purpose, TokenInvalid, proven
from backend.core.refusals import Invalid

#: Accounts removed at once.
BATCH = 500


@transaction.atomic(durable=True)
def request_email_verification(*, by: User) -> None:
    """Send the letter of sign-up again; whoever is verified gets none, and the answer is the same."""
    write("verify_email", by.pk)


@transaction.atomic(durable=True)
def verify_email(*, by: User, token: str) -> User:
    """Make a person the owner of their address, by the proof that was sent to it. Raises `TokenInvalid`.

    Only they themselves, logged in: a stranger who signed up with this address would else have its owner, who opens the
    link in good faith, verify the stranger's account.
    """
    user = _own(Purpose.VERIFY_EMAIL, token, by)
    take_address(user, email_verified_at=Now())
    return user


@transaction.atomic(durable=True)
def request_email_change(*, by: User, new_email: str, password: str) -> None:
    """Send the proof of a new address to it, and word of it to the old one; nothing changes yet.

    Whether the new one is somebody's is not told. Raises `PasswordWrong`, `Invalid`.
    """
    user = demand_password(user=by, password=password)
    address = clean_email(new_email, field="newEmail")
    if address == user.email:
        raise Invalid("newEmail", "It is your address already.")
    User.objects.filter(pk=user.pk).update(new_email=address)
    write("change_email", user.pk)
    write("email_changes", user.pk)


@transaction.atomic(durable=True)
def confirm_email_change(*, by: User, token: str) -> User:
    """Make a person the owner of their new address, by the proof that was sent to it. Raises `TokenInvalid`."""
    user = _own(Purpose.CHANGE_EMAIL, token, by)
    take_address(user, email=F("new_email"), new_email="", email_verified_at=Now())
    return user


def take_address(user: User, **facts: object) -> None:
    """Change an account that a proof was made for, if it still is in that state and nobody else owns the address.

    Raises `TokenInvalid`. The database decides both: a look before the write would let two through.
    """
    same = User.objects.filter(
        pk=user.pk,
        is_active=True,
        email=user.email,
        new_email=user.new_email,
        email_verified_at=user.email_verified_at,
        password=user.password,
    )
    try:
        with transaction.atomic():
            if not same.update(**facts):
                raise TokenInvalid
    except IntegrityError:
        raise TokenInvalid from None


def remove_unverified() -> None:
    """Remove accounts that said an address is theirs, never showed it, and have done nothing in seven days."""
    idle = User.objects.filter(
        email_verified_at=None,
        created_at__lt=timezone.now() - timedelta(days=UNVERIFIED_DAYS),
        imported_from="",
        is_active=True,
        is_staff=False,
    )
    for relation in User._meta.related_objects:
        # That they were let in is no deed; whatever else points at them may have more to it than a row.
        if relation.related_model is not Session:
            deeds = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            idle = idle.exclude(Exists(deeds))
    User.objects.filter(pk__in=list(idle.order_by("pk").values_list("pk", flat=True)[:BATCH])).delete()


def clean_email(value: str, *, field: str = "email") -> str:
    """An address in the one spelling that is stored: NFKC and case-folded (the class of CVE-2019-19844)."""
    email = unicodedata.normalize("NFKC", value).casefold().strip() if len(value) <= 400 else ""
    try:
        validate_address(email)
    except ValidationError:
        raise Invalid(field, "An e-mail address.") from None
    # Django lets control characters stand between quotes.
    if len(email) > 254 or not email.isascii() or not email.isprintable() or " " in email:
        raise Invalid(field, "An e-mail address.")
    return email


def _own(purpose: Purpose, token: str, by: User) -> User:
    user = proven(purpose, token)
    if user.pk != by.pk:
        raise TokenInvalid
    return user
