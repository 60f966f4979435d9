"""Keys that people make for programs."""

from datetime import datetime

import strawberry

from backend.accounts import keys, models
from backend.accounts.scopes import Scope
from schema.declarations import column, one
from schema.ids import pk_of
from schema.member.accounts.types import AccessToken
from schema.member.enums import AccessScope
from schema.mutations import Answer, Payload, mutation
from schema.policies import WITH_IT, people, shown_to


@strawberry.input(description="A new key for a program.")
class CreateAccessTokenInput:
    name: str = strawberry.field(description="1 to 60 characters, to know it by.")
    scopes: list[AccessScope] = strawberry.field(description="What it may do: one at least.")
    expires_at: datetime | None = strawberry.field(
        default=None, description="Within a year; in 90 days when absent."
    )


@strawberry.input(description="Which key to end.")
class RevokeAccessTokenInput:
    access_token_id: strawberry.ID = strawberry.field(description="One of one's own.")


@shown_to(WITH_IT)
@strawberry.type(description="The answer of `createAccessToken`.")
class CreateAccessTokenPayload(Payload):
    secret: str | None = column(
        "What the program sends as `Authorization: Bearer <secret>`; it is told only now."
    )
    access_token: AccessToken | None = one(
        models.AccessToken, key="access_token", description="The key, by all but its secret."
    )


@shown_to(WITH_IT)
@strawberry.type(description="The answer of `revokeAccessToken`.")
class RevokeAccessTokenPayload(Payload):
    revoked_id: strawberry.ID | None = column("The id that it had.")


@mutation(CreateAccessTokenPayload, policy=people())
def create_access_token(by: models.User, input: CreateAccessTokenInput) -> Answer:
    """Make a key for a program. Refusals: `VALIDATION`, `LIMIT`."""
    scopes = [Scope[scope.value] for scope in input.scopes]
    key, secret = keys.create_access_token(by=by, name=input.name, scopes=scopes, expires_at=input.expires_at)
    return Answer(secret=secret, access_token=key.pk)


@mutation(RevokeAccessTokenPayload, policy=people())
def revoke_access_token(by: models.User, input: RevokeAccessTokenInput) -> Answer:
    """End a key: whoever uses it is out within seconds, streams too. Refusals: `NOT_FOUND`."""
    pk = pk_of(input.access_token_id, "AccessToken")
    keys.revoke_access_token(access_token_id=pk, by=by)
    return Answer(revoked_id=input.access_token_id)
