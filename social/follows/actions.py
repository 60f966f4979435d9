from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from backend.accounts.models import User
from backend.communities.models import Community
from backend.core.events import record
from backend.core.models import found_or_made
from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Project
from social.follows.events import Followed
from social.follows.models import Follow, target_field

Followable = type[User] | type[Project] | type[Community]


@transaction.atomic(durable=True)
def follow(*, kind: Followable, target_id: int, by: User) -> User | Project | Community:
    """Follow a person, a project or a community; doing it twice is the same as once. Raises `NotFound`, `Invalid`."""
    target = _visible(kind, target_id, by)
    if target == by:
        raise Invalid("targetId", "You cannot follow yourself.")
    field = target_field(target)
    facts: dict[str, Any] = {"follower": by, field: target}
    try:
        _, is_new = found_or_made(Follow.objects.all(), **facts)
    except IntegrityError:
        # By `nobody_follows_over_a_block`: one of the two has blocked the other since it was asked who sees whom.
        raise NotFound from None
    if is_new:
        _count(target, by, +1)
        record(Followed(follower_id=by.pk, **{f"{field}_id": target.pk}), by=by)
    return _visible(kind, target_id, by)


@transaction.atomic(durable=True)
def unfollow(*, kind: Followable, target_id: int, by: User) -> User | Project | Community:
    """Stop following; without a follow it does nothing. Raises `NotFound`."""
    target = _visible(kind, target_id, by)
    end_follow(target, by)
    return _visible(kind, target_id, by)


def end_follow(target: User | Project | Community, follower: User) -> None:
    """Take a follow away, if there is one, and count it no more; within an action."""
    deleted, _ = Follow.objects.filter(follower=follower).of(target).delete()
    if deleted:
        _count(target, follower, -1)


def _visible(kind: Followable, target_id: int, by: User) -> User | Project | Community:
    target: User | Project | Community | None = kind.objects.visible_to(by).filter(pk=target_id).first()
    if target is None:
        raise NotFound
    return target


def _count(target: User | Project | Community, by: User, change: int) -> None:
    if not isinstance(target, User):
        type(target).objects.filter(pk=target.pk).update(follower_count=F("follower_count") + change)
        User.objects.filter(pk=by.pk).update(following_count=F("following_count") + change)
        return
    # By id: two people who follow each other at the same moment would else lock each other's row first.
    for pk in sorted((target.pk, by.pk)):
        counter = "follower_count" if pk == target.pk else "following_count"
        User.objects.filter(pk=pk).update(**{counter: F(counter) + change})
