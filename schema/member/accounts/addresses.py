import strawberry

from backend.accounts import addresses, models
from schema.declarations import one
from schema.limits import OWN_LETTER, PROOF
from schema.member.accounts.types import Viewer
from schema.mutations import Answer, Payload, given, mutation
from schema.policies import people


@strawberry.input(description="Proof that an address is one's own.")
class VerifyEmailInput:
    token: str = strawberry.field(description="What stands behind the # of the link in the letter.")


@strawberry.input(description="Another address for one's account.")
class RequestEmailChangeInput:
    new_email: str = strawberry.field(description="Where to reach one from now on.")
    password: str = strawberry.field(description="One's password.")


@strawberry.input(description="Proof that a new address is one's own.")
class ConfirmEmailChangeInput:
    token: str = strawberry.field(description="What stands behind the # of the link in the letter.")


@strawberry.type(description="The answer of `requestEmailVerification`.")
class RequestEmailVerificationPayload(Payload):
    pass


@strawberry.type(description="The answer of `verifyEmail`.")
class VerifyEmailPayload(Payload):
    viewer: Viewer | None = one(models.User, key="viewer", description="Whose address is verified now.")


@strawberry.type(description="The answer of `requestEmailChange`.")
class RequestEmailChangePayload(Payload):
    pass


@strawberry.type(description="The answer of `confirmEmailChange`.")
class ConfirmEmailChangePayload(Payload):
    viewer: Viewer | None = one(models.User, key="viewer", description="Whose address has changed.")


@mutation(RequestEmailVerificationPayload, policy=people(), limits=OWN_LETTER, alone=True)
def request_email_verification(by: models.User) -> Answer:
    """Ask for the letter of sign-up again; whoever is verified gets none."""
    addresses.request_email_verification(by=by)
    return Answer()


@mutation(VerifyEmailPayload, policy=people(), limits=PROOF, alone=True)
def verify_email(by: models.User, input: VerifyEmailInput) -> Answer:
    """Verify one's address by the proof in a letter, which works once and for its own account only.

    Refusals: `TOKEN_INVALID`.
    """
    return Answer(viewer=addresses.verify_email(by=by, **given(input)).pk)


# A password that is tried, and a letter to an address that anybody may name.
@mutation(RequestEmailChangePayload, policy=people(), limits=(*OWN_LETTER, *PROOF), alone=True)
def request_email_change(by: models.User, input: RequestEmailChangeInput) -> Answer:
    """Ask for a letter with a link to one's new address; whether that is somebody's is not told.

    Refusals: `WRONG_CREDENTIALS`, `VALIDATION`.
    """
    addresses.request_email_change(by=by, **given(input))
    return Answer()


@mutation(ConfirmEmailChangePayload, policy=people(), limits=PROOF, alone=True)
def confirm_email_change(by: models.User, input: ConfirmEmailChangeInput) -> Answer:
    """Change to a new address by the proof in a letter; it is verified by that. Refusals: `TOKEN_INVALID`."""
    return Answer(viewer=addresses.confirm_email_change(by=by, **given(input)).pk)
