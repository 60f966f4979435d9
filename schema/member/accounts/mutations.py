import strawberry

from backend.accounts import actions, models, sessions
from schema.context import Context
from schema.declarations import handed, one
from schema.devices import device_token
from schema.ids import pk_of
from schema.limits import LOG_IN, SIGN_UP
from schema.member import refs
from schema.member.accounts.types import Session
from schema.mutations import Answer, Payload, given, mutation
from schema.policies import Programs, everybody, people


@strawberry.input(description="A new account.")
class SignUpInput:
    handle: str = strawberry.field(description="2 to 30 of the letters a-z, digits, - and _.")
    email: str = strawberry.field(description="Where to reach them; nobody else sees it.")
    password: str = strawberry.field(description="10 to 256 characters, and not a common one.")
    display_name: str = strawberry.field(description="1 to 60 characters.")
    locale: str | None = strawberry.field(
        default=None, description="As `es`, `ca` or `pt-BR`; `en` when absent."
    )


@strawberry.input(description="Who wants in.")
class LogInInput:
    email: str = strawberry.field(description="The address of the account, which is verified.")
    password: str = strawberry.field(description="Its password.")
    one_time_code: str | None = strawberry.field(
        default=None, description="Of an authenticator app, or a recovery code, where the account wants one."
    )
    device_token: str | None = strawberry.field(
        default=None,
        description="The `deviceToken` of an earlier session: it still lets in when others have guessed too often.",
    )


@strawberry.input(description="What to change of one's profile; what is absent or null stays as it is.")
class UpdateProfileInput:
    display_name: str | None = strawberry.field(default=None, description="1 to 60 characters.")
    bio: str | None = strawberry.field(default=None, description="Markdown, at most 2,000 characters.")
    location: str | None = strawberry.field(default=None, description="At most 100 characters.")
    website: str | None = strawberry.field(default=None, description="A web address; empty for none.")
    skills: list[str] | None = strawberry.field(default=None, description="At most 20.")
    interests: list[str] | None = strawberry.field(default=None, description="At most 20.")
    locale: str | None = strawberry.field(default=None, description="As `es`, `ca` or `pt-BR`.")
    avatar_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="One's own `Media` of purpose AVATAR that is READY; the one before is deleted.",
    )
    remove_avatar: bool | None = strawberry.field(default=None, description="True: have no picture any more.")


@strawberry.type(description="The answer of `signUp`.")
class SignUpPayload(Payload):
    session: Session | None = handed("The new person is logged in.")


@strawberry.type(description="The answer of `logIn`.")
class LogInPayload(Payload):
    session: Session | None = handed("A new session.")


@strawberry.type(description="The answer of `logOut`.")
class LogOutPayload(Payload):
    pass


@strawberry.type(description="The answer of `updateProfile`.")
class UpdateProfilePayload(Payload):
    user: refs.User | None = one(models.User, key="user", description="The profile as it is now.")


@mutation(SignUpPayload, policy=everybody(Programs.NONE), limits=SIGN_UP, alone=True)
def sign_up(context: Context, input: SignUpInput) -> Answer:
    """Make an account and log it in. A letter with a link goes to its address, or, if that is somebody's, word of it.

    Until the address is verified this session is the only way in. Refusals: `VALIDATION`, `HANDLE_TAKEN`.
    """
    session, token = actions.sign_up(**given(input), user_agent=context.user_agent)
    return opened(context, session, token)


@mutation(LogInPayload, policy=everybody(Programs.NONE), limits=LOG_IN, alone=True)
def log_in(context: Context, input: LogInInput) -> Answer:
    """Open a session for the owner of a verified address.

    Refusals: `WRONG_CREDENTIALS`, which does not tell whether the address is known or verified; where the password is
    right, `ONE_TIME_CODE_REQUIRED`, `ONE_TIME_CODE_WRONG`; and `RATE_LIMITED`, after ten tries in a quarter of an hour.
    """
    session, token = actions.log_in(**given(input, leave=("device_token",)), user_agent=context.user_agent)
    return opened(context, session, token)


@mutation(LogOutPayload, policy=people())
def log_out(context: Context) -> Answer:
    """End the session that asks."""
    if context.session:
        sessions.log_out(session=models.Session(pk=context.session.pk))
    # What follows in the document is asked by nobody.
    context.session, context.new_token = None, ""
    return Answer()


@mutation(UpdateProfilePayload, policy=people())
def update_profile(by: models.User, input: UpdateProfileInput) -> Answer:
    """Change one's own profile. Refusals: `VALIDATION`; of the picture `NOT_FOUND`, `NOT_READY`, `IN_USE`."""
    facts = given(input, leave=("remove_avatar",))
    if "avatar_id" in facts:
        facts["avatar_id"] = pk_of(facts["avatar_id"], "Media", field="avatarId")
    return Answer(user=actions.update_profile(by=by, no_avatar=bool(input.remove_avatar), **facts).pk)


def opened(context: Context, session: models.Session, token: str) -> Answer:
    """What is answered about a session that has just begun: the rest of the answer is for who has come in."""
    context.session, context.new_token = session, token
    said = "" if context.wants_cookie else token
    # Whoever signs up may name anybody's address: that is no device of its owner, and gets no guesses of its own.
    device = device_token(email=session.user.email if session.user.email_verified_at else "")
    return Answer(
        session=Answer(token=said, device_token=device, expires_at=session.expires_at, user=session.user)
    )
