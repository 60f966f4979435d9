from typing import Any

import strawberry

from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.communities.models import Community
from backend.projects.models import Project
from schema.declarations import one_of
from schema.ids import from_global_id
from schema.limits import FOLLOWS
from schema.member import refs
from schema.mutations import Answer, Payload, mutation
from schema.policies import people
from social.follows import actions

FOLLOWABLE: dict[str, Any] = {"User": User, "Project": Project, "Community": Community}
_TARGET = {name.lower(): model for name, model in FOLLOWABLE.items()}


@strawberry.input(description="Whom or what to follow.")
class FollowInput:
    target_id: strawberry.ID = strawberry.field(description="A `User`, a `Project` or a `Community`.")


@strawberry.input(description="Whom or what to follow no more.")
class UnfollowInput:
    target_id: strawberry.ID = strawberry.field(description="A `User`, a `Project` or a `Community`.")


@strawberry.type(description="The answer of `follow`.")
class FollowPayload(Payload):
    target: refs.Followable | None = one_of(_TARGET, description="What is followed now.")


@strawberry.type(description="The answer of `unfollow`.")
class UnfollowPayload(Payload):
    target: refs.Followable | None = one_of(_TARGET, description="What is not followed any more.")


@mutation(FollowPayload, policy=people(Scope.SOCIAL_WRITE), limits=FOLLOWS)
def follow(by: User, input: FollowInput) -> Answer:
    """Hear of a person, a project or a community; doing it twice is the same as once.

    Refusals: `NOT_FOUND`, `VALIDATION`.
    """
    kind, target_id = from_global_id(input.target_id, *FOLLOWABLE)
    actions.follow(kind=FOLLOWABLE[kind], target_id=target_id, by=by)
    return Answer(**{kind.lower(): target_id})


@mutation(UnfollowPayload, policy=people(Scope.SOCIAL_WRITE), limits=FOLLOWS)
def unfollow(by: User, input: UnfollowInput) -> Answer:
    """Hear of it no more; without a follow it does nothing. Refusals: `NOT_FOUND`."""
    kind, target_id = from_global_id(input.target_id, *FOLLOWABLE)
    actions.unfollow(kind=FOLLOWABLE[kind], target_id=target_id, by=by)
    return Answer(**{kind.lower(): target_id})
