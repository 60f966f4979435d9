from collections import Counter
from typing import Any

from django.db.models import F, Q

from backend.accounts.models import User
from backend.communities.models import Community
from backend.core.holdings import Fate, Holding, Told, locked
from backend.projects.models import Project
from social.follows.models import Follow


def _unfollow(person: int, most: int) -> int:
    """End what they follow and who follows them, and what others follow of what is deleted with them."""
    doomed = Project.objects.only_of(person)
    follows = locked(Follow.objects.filter(Q(follower=person) | Q(user=person) | Q(project__in=doomed)), most)
    Follow.objects.filter(pk__in=[follow.pk for follow in follows]).delete()
    # In the order of the actions: what is followed, then people by key; so nobody waits for this in a circle.
    _uncount(Project, "follower_count", Counter(each.project_id for each in follows if each.project_id))
    _uncount(Community, "follower_count", Counter(each.community_id for each in follows if each.community_id))
    followed = Counter(each.user_id for each in follows if each.user_id)
    followers = Counter(each.follower_id for each in follows)
    locked(User.objects.filter(pk__in={*followed, *followers}), most * 2)
    _uncount(User, "follower_count", followed)
    _uncount(User, "following_count", followers)
    return len(follows)


def _uncount(model: Any, counter: str, counts: Counter[int]) -> None:
    locked(model.objects.filter(pk__in=counts), len(counts))
    for count in sorted(set(counts.values())):
        those = [pk for pk, each in counts.items() if each == count]
        model.objects.filter(pk__in=those).update(**{counter: F(counter) - count})


HOLDINGS = (
    Holding(
        name="following",
        says="whom and what you follow.",
        model=Follow,
        whose="follower",
        columns={
            "user": Told("A person.", Fate.DELETED, "user__handle"),
            "project": Told("A project.", Fate.DELETED, "project__slug"),
            "community": Told("A community.", Fate.DELETED, "community__slug"),
            "created_at": Told("Since when.", Fate.DELETED),
        },
        erase=_unfollow,
    ),
    Holding(
        name="followers",
        says="who follows you.",
        model=Follow,
        whose="user",
        columns={
            "follower": Told("A person.", Fate.DELETED, "follower__handle"),
            "created_at": Told("Since when.", Fate.DELETED),
        },
    ),
)

NOT_PERSONAL = {Follow: ("id",)}
