"""The verbs of a block: here and not where people are, because it ends follows.

Locks are taken in one order: the two people's own, their follows, their rows by key, streams.
"""

from django.db import transaction

from backend.accounts.blocks import Block, hold_pair
from backend.accounts.models import User
from backend.core.models import found_or_made
from backend.core.refusals import Invalid, NotFound
from social.follows.actions import end_follow


@transaction.atomic(durable=True)
def block_person(*, user_id: int, by: User) -> Block:
    """End the follows between two people and hide each from the other; doing it twice is the same as once.

    Whoever was blocked may block too: else who blocks first would decide alone when it ends. Raises `Invalid`, `NotFound`.
    """
    if user_id == by.pk:
        raise Invalid("userId", "You cannot block yourself.")
    # As everybody sees them, and not as who is hidden from them does.
    person = User.objects.visible_to(None).filter(pk=user_id).first()
    if person is None:
        raise NotFound
    hold_pair(by.pk, person.pk)
    for follower, followed in ((by, person), (person, by)):
        end_follow(followed, follower)
    return found_or_made(Block.objects.all(), blocker=by, blocked=person)[0]


@transaction.atomic(durable=True)
def unblock_person(*, user_id: int, by: User) -> None:
    """End one's own block; without one it does nothing. The other's stays, if there is one. Raises `NotFound`."""
    deleted, _ = Block.objects.filter(blocker=by, blocked=user_id).delete()
    if not deleted and not User.objects.visible_to(by).filter(pk=user_id).exists():
        raise NotFound
