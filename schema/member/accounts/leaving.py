import strawberry

from backend.accounts import leaving
from backend.accounts.models import User
from schema.limits import PROOF
from schema.mutations import Answer, Payload, given, mutation
from schema.policies import people


@strawberry.input(description="That one means it.")
class DeleteAccountInput:
    password: str = strawberry.field(description="The account's, once more.")
    one_time_code: str | None = strawberry.field(
        default=None,
        description="Of the authenticator app, or a recovery code; for whoever has a second factor.",
    )


@strawberry.type(description="The answer of `deleteAccount`.")
class DeleteAccountPayload(Payload):
    pass


# Alone: it takes a password, and no request may carry a hundred guesses.
@mutation(DeleteAccountPayload, policy=people(), limits=PROOF, alone=True)
def delete_account(by: User, input: DeleteAccountInput) -> Answer:
    """Leave for good, at once. What others answered keeps its place without its words; there is no way back.

    Refusals: `WRONG_CREDENTIALS`; of the second factor `ONE_TIME_CODE_REQUIRED`, `ONE_TIME_CODE_WRONG` and
    `RATE_LIMITED`; `OWNS_PROJECTS` for whoever owns what others work on: hand it over first.
    """
    leaving.delete_account(by=by, **given(input))
    return Answer()
