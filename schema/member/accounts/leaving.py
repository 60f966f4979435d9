import strawberry

from backend.accounts import leaving
from schema.context import Context
from schema.mutations import Answer, Payload, mutation
from schema.policies import people


@strawberry.input(description="That one means it.")
class DeleteAccountInput:
    password: str = strawberry.field(description="The password of one's account.")


@strawberry.type(description="The answer of `deleteAccount`.")
class DeleteAccountPayload(Payload):
    pass


@mutation(DeleteAccountPayload, policy=people())
def delete_account(context: Context, input: DeleteAccountInput) -> Answer:
    """Leave for good, at once. What others answered keeps its place without its words; there is no way back.

    Refusals: `WRONG_PASSWORD`; `OWNS_PROJECTS` for whoever owns what others work on: hand it over first.
    """
    if context.viewer:
        leaving.delete_account(by=context.viewer, password=input.password)
    # What follows in the document is asked by nobody.
    context.session = None
    return Answer()
