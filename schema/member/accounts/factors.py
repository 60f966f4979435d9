"""The second factor: switched on, off, and its recovery codes."""

import strawberry

from backend.accounts import factors, models
from schema.declarations import column, handed_words
from schema.limits import PROOF
from schema.mutations import Answer, Payload, mutation
from schema.policies import WITH_IT, people, shown_to


@strawberry.input(description="Who wants a second factor.")
class BeginTotpInput:
    password: str = strawberry.field(description="The account's, once more.")


@strawberry.input(description="That the authenticator app has the secret.")
class ConfirmTotpInput:
    code: str = strawberry.field(description="The six digits that it shows now.")


@strawberry.input(description="Who wants no second factor any more.")
class DisableTotpInput:
    password: str = strawberry.field(description="The account's, once more.")
    code: str = strawberry.field(description="Of the authenticator app, or a recovery code.")


@strawberry.input(description="Who wants new recovery codes.")
class RegenerateRecoveryCodesInput:
    code: str = strawberry.field(description="Of the authenticator app, or one of the old recovery codes.")


@shown_to(WITH_IT)
@strawberry.type(description="The answer of `beginTotp`.")
class BeginTotpPayload(Payload):
    secret: str | None = column("For the authenticator app, in base32 (RFC 4648); it is told only now.")
    uri: str | None = column("The same as an `otpauth:` address, for a QR code.")


@shown_to(WITH_IT)
@strawberry.type(description="The answer of `confirmTotp`.")
class ConfirmTotpPayload(Payload):
    recovery_codes: list[str] | None = handed_words(
        "Ten codes, each of which lets one in once without the app; they are told only now."
    )


@shown_to(WITH_IT)
@strawberry.type(description="The answer of `disableTotp`.")
class DisableTotpPayload(Payload):
    pass


@shown_to(WITH_IT)
@strawberry.type(description="The answer of `regenerateRecoveryCodes`.")
class RegenerateRecoveryCodesPayload(Payload):
    recovery_codes: list[str] | None = handed_words("Ten new ones; the old ones are gone.")


@mutation(BeginTotpPayload, policy=people(), limits=PROOF, alone=True)
def begin_totp(by: models.User, input: BeginTotpInput) -> Answer:
    """Make a secret for an authenticator app (RFC 6238); `confirmTotp` switches it on.

    Refusals: `WRONG_CREDENTIALS`, `TWO_FACTOR_ENABLED`.
    """
    secret, uri = factors.begin_totp(by=by, password=input.password)
    return Answer(secret=secret, uri=uri)


@mutation(ConfirmTotpPayload, policy=people(), limits=PROOF, alone=True)
def confirm_totp(by: models.User, input: ConfirmTotpInput) -> Answer:
    """Ask for a code at each log-in from now on.

    Refusals: `ONE_TIME_CODE_WRONG`, `TWO_FACTOR_ENABLED`, `TWO_FACTOR_DISABLED`.
    """
    return Answer(recovery_codes=" ".join(factors.confirm_totp(by=by, code=input.code)))


@mutation(DisableTotpPayload, policy=people(), limits=PROOF, alone=True)
def disable_totp(by: models.User, input: DisableTotpInput) -> Answer:
    """Let the password be enough again.

    Refusals: `WRONG_CREDENTIALS`, `TWO_FACTOR_DISABLED`, `ONE_TIME_CODE_REQUIRED`, `ONE_TIME_CODE_WRONG`, `RATE_LIMITED`.
    """
    factors.disable_totp(by=by, password=input.password, code=input.code)
    return Answer()


@mutation(RegenerateRecoveryCodesPayload, policy=people(), limits=PROOF, alone=True)
def regenerate_recovery_codes(by: models.User, input: RegenerateRecoveryCodesInput) -> Answer:
    """Make new recovery codes in place of the old.

    Refusals: `TWO_FACTOR_DISABLED`, `ONE_TIME_CODE_REQUIRED`, `ONE_TIME_CODE_WRONG`, `RATE_LIMITED`.
    """
    return Answer(recovery_codes=" ".join(factors.regenerate_recovery_codes(by=by, code=input.code)))
