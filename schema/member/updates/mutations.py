import strawberry

from backend.accounts.models import User
from backend.accounts.scopes import Scope
from schema.declarations import one
from schema.ids import pk_of
from schema.limits import POSTS
from schema.member import refs
from schema.member.enums import Audience
from schema.member.media.ids import attachment_ids, media_pks
from schema.mutations import Answer, Payload, mutation
from schema.policies import people
from social.updates import actions
from social.updates.models import Update


@strawberry.input(description="News of a project, not yet told.")
class DraftUpdateInput:
    project_id: strawberry.ID = strawberry.field(description="A `Project` that one speaks for.")
    title: str = strawberry.field(description="1 to 160 characters.")
    body: str = strawberry.field(description="Markdown, at most 20,000 characters.")
    audience: Audience = strawberry.field(default=Audience.EVERYONE, description="For whom it will be.")
    attachment_ids: list[strawberry.ID] | None = attachment_ids()


@strawberry.input(description="Which draft to tell.")
class PublishUpdateInput:
    update_id: strawberry.ID = strawberry.field(description="An `Update` of a project that one speaks for.")


@strawberry.type(description="The answer of `draftUpdate`.")
class DraftUpdatePayload(Payload):
    update: refs.Update | None = one(Update, key="update", description="The new draft.")


@strawberry.type(description="The answer of `publishUpdate`.")
class PublishUpdatePayload(Payload):
    update: refs.Update | None = one(Update, key="update", description="The update, published.")


@mutation(DraftUpdatePayload, policy=people(Scope.SOCIAL_WRITE), limits=POSTS)
def draft_update(by: User, input: DraftUpdateInput) -> Answer:
    """Write an update that only the team sees. Refusals: `NOT_FOUND`, `VALIDATION`, `NOT_READY`, `IN_USE`."""
    update = actions.draft_update(
        project_id=pk_of(input.project_id, "Project"),
        title=input.title,
        body=input.body,
        audience=input.audience,
        attachment_ids=media_pks(input.attachment_ids or [], field="attachmentIds"),
        by=by,
    )
    return Answer(update=update.pk)


@mutation(PublishUpdatePayload, policy=people(Scope.SOCIAL_WRITE), limits=POSTS)
def publish_update(by: User, input: PublishUpdateInput) -> Answer:
    """Put a draft before its readers, once and for good. Refusals: `NOT_FOUND`, `NOT_PUBLIC_YET`."""
    return Answer(update=actions.publish_update(update_id=pk_of(input.update_id, "Update"), by=by).pk)
