"""The mutations of claims; those of boards and tasks are in `mutations.py`."""

import strawberry

from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.boards import claims
from backend.boards.models import Claim, Task
from schema.declarations import one
from schema.ids import pk_of
from schema.limits import CLAIMS
from schema.member import refs
from schema.member.enums import WorkVerdict
from schema.member.media.ids import attachment_ids, with_attachments
from schema.mutations import Answer, Payload, given, mutation
from schema.policies import people


@strawberry.input(description="Which task to claim.")
class ClaimTaskInput:
    task_id: strawberry.ID = strawberry.field(description="A `Task`.")


@strawberry.input(description="Which claim to give up, or to take back from somebody.")
class ReleaseClaimInput:
    claim_id: strawberry.ID = strawberry.field(
        description="One's own `Claim`, or one on a board that one runs."
    )


@strawberry.input(description="Which claim to hold for longer.")
class RenewClaimInput:
    claim_id: strawberry.ID = strawberry.field(description="One's own `Claim`.")


@strawberry.input(description="Work for a task.")
class SubmitWorkInput:
    claim_id: strawberry.ID = strawberry.field(description="One's own `Claim`.")
    note: str | None = strawberry.field(default=None, description="Markdown, at most 5,000 characters.")
    links: list[str] | None = strawberry.field(default=None, description="At most 10 web addresses.")
    minutes_spent: int | None = strawberry.field(default=None, description="How long it took, in minutes.")
    attachment_ids: list[strawberry.ID] | None = attachment_ids(
        "at most 10 with those that were handed in before and stay; those that are not named are deleted"
    )


@strawberry.input(description="What the team decides about submitted work.")
class ReviewWorkInput:
    claim_id: strawberry.ID = strawberry.field(description="A submitted `Claim` on a board that one runs.")
    verdict: WorkVerdict = strawberry.field(
        description="With REQUEST_CHANGES it is claimed again, not submitted."
    )
    note: str | None = strawberry.field(default=None, description="Why; for the claimant.")


@strawberry.type(description="The answer of `claimTask`.")
class ClaimTaskPayload(Payload):
    claim: refs.Claim | None = one(Claim, key="claim", description="The viewer's claim.")
    task: refs.Task | None = one(Task, key="task", description="The task as it is now.")


@strawberry.type(description="The answer of `releaseClaim`.")
class ReleaseClaimPayload(Payload):
    task: refs.Task | None = one(Task, key="task", description="The task as it is now.")


@strawberry.type(description="The answer of `renewClaim`.")
class RenewClaimPayload(Payload):
    claim: refs.Claim | None = one(Claim, key="claim", description="The claim with its new end.")


@strawberry.type(description="The answer of `submitWork`.")
class SubmitWorkPayload(Payload):
    claim: refs.Claim | None = one(Claim, key="claim", description="The claim, submitted.")
    task: refs.Task | None = one(Task, key="task", description="The task as it is now.")


@strawberry.type(description="The answer of `reviewWork`.")
class ReviewWorkPayload(Payload):
    claim: refs.Claim | None = one(Claim, key="claim", description="The claim, decided.")
    task: refs.Task | None = one(Task, key="task", description="The task as it is now.")


@mutation(ClaimTaskPayload, policy=people(Scope.TASKS_WRITE), limits=CLAIMS)
def claim_task(by: User, input: ClaimTaskInput) -> Answer:
    """Take a place on a task; whoever holds one already gets the same claim again.

    Refusals: `NOT_FOUND`, `TAKEN`, `CLOSED`, `LIMIT`.
    """
    return _both(claims.claim_task(task_id=pk_of(input.task_id, "Task"), by=by))


@mutation(ReleaseClaimPayload, policy=people(Scope.TASKS_WRITE), limits=CLAIMS)
def release_claim(by: User, input: ReleaseClaimInput) -> Answer:
    """Give up one's claim, or take it back from somebody. Refusals: `NOT_FOUND`, `CLAIM_LOST`."""
    return _both(claims.release_claim(claim_id=pk_of(input.claim_id, "Claim"), by=by))


@mutation(RenewClaimPayload, policy=people(Scope.TASKS_WRITE), limits=CLAIMS)
def renew_claim(by: User, input: RenewClaimInput) -> Answer:
    """Hold one's claim for its board's hours again, from now on. Refusals: `NOT_FOUND`, `CLAIM_LOST`."""
    return _both(claims.renew_claim(claim_id=pk_of(input.claim_id, "Claim"), by=by))


@mutation(SubmitWorkPayload, policy=people(Scope.TASKS_WRITE))
def submit_work(by: User, input: SubmitWorkInput) -> Answer:
    """Hand in work for review. Refusals: `NOT_FOUND`, `CLAIM_LOST`, `VALIDATION`, `NOT_READY`, `IN_USE`."""
    facts = with_attachments(given(input, leave=("claim_id",)))
    return _both(claims.submit_work(claim_id=pk_of(input.claim_id, "Claim"), by=by, **facts))


@mutation(ReviewWorkPayload, policy=people(Scope.TASKS_WRITE))
def review_work(by: User, input: ReviewWorkInput) -> Answer:
    """Accept work, or ask for changes. Refusals: `NOT_FOUND`, `CLAIM_LOST`, `VALIDATION`."""
    facts = given(input, leave=("claim_id",))
    return _both(claims.review_work(claim_id=pk_of(input.claim_id, "Claim"), by=by, **facts))


def _both(claim: Claim) -> Answer:
    return Answer(claim=claim.pk, task=claim.task_id)
