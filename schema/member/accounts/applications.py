"""Programs of others that people let in."""

import strawberry

from backend.accounts.models import User
from backend.applications import actions
from schema.declarations import column
from schema.ids import pk_of
from schema.mutations import Answer, Payload, mutation
from schema.policies import WITH_IT, people, shown_to


@strawberry.input(description="Which program to let in no more.")
class RevokeApplicationInput:
    authorized_application_id: strawberry.ID = strawberry.field(description="One of one's own.")


@shown_to(WITH_IT)
@strawberry.type(description="The answer of `revokeApplication`.")
class RevokeApplicationPayload(Payload):
    revoked_id: strawberry.ID | None = column("The id that it had.")


@mutation(RevokeApplicationPayload, policy=people())
def revoke_application(by: User, input: RevokeApplicationInput) -> Answer:
    """Let a program in no more: it is out within seconds, streams too. Refusals: `NOT_FOUND`."""
    pk = pk_of(input.authorized_application_id, "AuthorizedApplication")
    actions.revoke_application(authorization_id=pk, by=by)
    return Answer(revoked_id=input.authorized_application_id)
