import strawberry

from backend.accounts import models, sessions
from backend.core.refusals import Unauthenticated
from schema.context import Context
from schema.declarations import column, one
from schema.ids import pk_of
from schema.member.accounts.types import Viewer
from schema.mutations import Answer, Payload, mutation
from schema.policies import people


@strawberry.input(description="Which of one's sessions to end.")
class EndSessionInput:
    session_id: strawberry.ID = strawberry.field(description="One's own `ActiveSession`.")


@strawberry.type(description="The answer of `endSession`.")
class EndSessionPayload(Payload):
    ended_id: strawberry.ID | None = column("The `ActiveSession` that has ended.")


@strawberry.type(description="The answer of `endOtherSessions`.")
class EndOtherSessionsPayload(Payload):
    viewer: Viewer | None = one(models.User, key="viewer", description="Who asks, with the one session left.")


@mutation(EndSessionPayload, policy=people())
def end_session(context: Context, input: EndSessionInput) -> Answer:
    """End one of one's sessions, and what it listens to; ending it twice is the same as once. Refusals: `NOT_FOUND`."""
    pk = pk_of(input.session_id, "ActiveSession")
    if context.session is None:
        raise Unauthenticated
    sessions.end_session(session_id=pk, by=context.session.user)
    if pk == context.session.pk:
        # What follows in the document is asked by nobody.
        context.session, context.new_token = None, ""
    return Answer(ended_id=input.session_id)


@mutation(EndOtherSessionsPayload, policy=people())
def end_other_sessions(context: Context) -> Answer:
    """End all of one's sessions but the one that asks, and what they listen to."""
    if context.session is None:
        raise Unauthenticated
    by = context.session.user
    sessions.end_other_sessions(by=by, session_id=context.session.pk)
    return Answer(viewer=by.pk)
