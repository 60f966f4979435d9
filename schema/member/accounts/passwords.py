import strawberry

from backend.accounts import models, passwords, resets
from backend.core.refusals import Unauthenticated
from schema.context import Context
from schema.declarations import handed, one
from schema.limits import LETTER, PROOF
from schema.member.accounts.mutations import opened
from schema.member.accounts.types import Session, Viewer
from schema.mutations import Answer, Payload, given, mutation
from schema.policies import Programs, everybody, people


@strawberry.input(description="Who has forgotten their password.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="The address of the account.")


@strawberry.input(description="A new password for whoever reads the address.")
class ResetPasswordInput:
    token: str = strawberry.field(description="What stands behind the # of the link in the letter.")
    new_password: str = strawberry.field(description="10 to 256 characters, and not a common one.")
    one_time_code: str | None = strawberry.field(
        default=None, description="Of an authenticator app, or a recovery code, where the account wants one."
    )


@strawberry.input(description="A new password for whoever knows the old one.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The password as it is.")
    new_password: str = strawberry.field(description="10 to 256 characters, and not a common one.")


@strawberry.type(description="The answer of `requestPasswordReset`.")
class RequestPasswordResetPayload(Payload):
    pass


@strawberry.type(description="The answer of `resetPassword`.")
class ResetPasswordPayload(Payload):
    session: Session | None = handed("A new session; all others have ended.")


@strawberry.type(description="The answer of `changePassword`.")
class ChangePasswordPayload(Payload):
    viewer: Viewer | None = one(
        models.User, key="viewer", description="Whose password it is, with the one session left."
    )


@mutation(RequestPasswordResetPayload, policy=everybody(Programs.NONE), limits=LETTER, alone=True)
def request_password_reset(context: Context, input: RequestPasswordResetInput) -> Answer:
    """Ask for a letter with a link to a new password; whether there is an account is not told. Refusals: `VALIDATION`."""
    resets.request_password_reset(**given(input))
    return Answer()


@mutation(ResetPasswordPayload, policy=everybody(Programs.NONE), limits=PROOF, alone=True)
def reset_password(context: Context, input: ResetPasswordInput) -> Answer:
    """Set a new password by the proof in a letter, end every session of the account, and open one.

    The address is verified by that, and every key for programs ends. Refusals: `TOKEN_INVALID`, `VALIDATION`,
    `ONE_TIME_CODE_REQUIRED`, `ONE_TIME_CODE_WRONG`, `RATE_LIMITED`.
    """
    session, token = resets.reset_password(**given(input), user_agent=context.user_agent)
    return opened(context, session, token)


@mutation(ChangePasswordPayload, policy=people(), limits=PROOF, alone=True)
def change_password(context: Context, input: ChangePasswordInput) -> Answer:
    """Change one's password and end every other session. Refusals: `WRONG_CREDENTIALS`, `VALIDATION`."""
    if context.session is None:
        raise Unauthenticated
    by = context.session.user
    passwords.change_password(by=by, session_id=context.session.pk, **given(input))
    return Answer(viewer=by.pk)
