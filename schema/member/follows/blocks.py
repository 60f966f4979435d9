"""The mutations of blocks; those of follows are in `mutations.py`."""

import strawberry

from backend.accounts.blocks import Block
from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.core.refusals import Unauthenticated
from schema.context import Context
from schema.declarations import one
from schema.ids import pk_of
from schema.limits import FOLLOWS
from schema.member import refs
from schema.mutations import Answer, Payload, mutation
from schema.policies import people
from social.follows import blocks


@strawberry.input(description="Whom to block.")
class BlockInput:
    user_id: strawberry.ID = strawberry.field(description="A `User`.")


@strawberry.input(description="Whom to block no more.")
class UnblockInput:
    user_id: strawberry.ID = strawberry.field(description="A `User`, or the `id` of a `BlockedUser`.")


@strawberry.type(description="The answer of `block`.")
class BlockPayload(Payload):
    user: refs.BlockedUser | None = one(Block, key="block", description="Who is blocked now.")


@strawberry.type(description="The answer of `unblock`.")
class UnblockPayload(Payload):
    user: refs.User | None = one(
        User, key="user", description="The person; null while they are still hidden from the viewer."
    )


@mutation(BlockPayload, policy=people(Scope.SOCIAL_WRITE), limits=FOLLOWS)
def block(context: Context, input: BlockInput) -> Answer:
    """End the follows between the viewer and a person, and hide each from the other; twice is the same as once.

    Refusals: `NOT_FOUND`, `VALIDATION`.
    """
    if context.viewer is None:
        raise Unauthenticated
    made = blocks.block_person(user_id=pk_of(input.user_id, "User"), by=context.viewer)
    context.viewer_has_blocks()
    return Answer(block=made.pk)


@mutation(UnblockPayload, policy=people(Scope.SOCIAL_WRITE), limits=FOLLOWS)
def unblock(by: User, input: UnblockInput) -> Answer:
    """End the viewer's own block of a person; without one it does nothing. Refusals: `NOT_FOUND`."""
    user_id = pk_of(input.user_id, "User")
    blocks.unblock_person(user_id=user_id, by=by)
    return Answer(user=user_id)
