from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import Session, User, hash_of, new_token
from backend.core.refusals import NotFound

LASTS = timedelta(days=30)
#: How long one that is over can still be looked at by staff.
KEPT = timedelta(days=30)
#: Deleted at once: each that had not been ended before takes a number of the stream of rights.
BATCH = 200


@transaction.atomic(durable=True)
def log_out(*, session: Session) -> None:
    """End a session; ending it twice is the same as once."""
    Session.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now())


@transaction.atomic(durable=True)
def end_session(*, session_id: int, by: User) -> None:
    """End one of a person's own sessions, wherever it is; ending it twice is the same as once. Raises `NotFound`."""
    own = Session.objects.filter(pk=session_id, user=by)
    if not own.filter(ended_at=None).update(ended_at=timezone.now()) and not own.exists():
        raise NotFound


@transaction.atomic(durable=True)
def end_other_sessions(*, by: User, session_id: int) -> None:
    """End all of a person's sessions but the one that asks."""
    # Whoever ends several locks their person first: two that end the same ones would else wait for each other in a circle.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    end_sessions(by, but=session_id)


def open_session(user: User, user_agent: str) -> tuple[Session, str]:
    """A new session, inside the transaction of an action; the second value is the token, which exists nowhere else."""
    token = new_token()
    agent = "".join(letter for letter in user_agent[:200] if letter.isprintable())
    session = Session.objects.create(
        user=user,
        token_hash=hash_of(token),
        user_agent=agent,
        expires_at=timezone.now() + LASTS,
    )
    return session, token


def end_sessions(user: User, *, but: int | None = None) -> None:
    """End all that lets somebody in as this person, but for one session, in the transaction that has locked them."""
    others = Session.objects.filter(user=user, ended_at=None)
    if but is not None:
        others = others.exclude(pk=but)
    others.update(ended_at=timezone.now())


def prune_sessions() -> None:
    """Forget the oldest sessions that ended, or ran out, longer ago than they are kept."""
    past = timezone.now() - KEPT
    over = Session.objects.filter(Q(ended_at__lt=past) | Q(expires_at__lt=past)).order_by("pk")
    Session.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:BATCH])).delete()
