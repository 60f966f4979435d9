from typing import Any

import strawberry

from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.boards.models import Task
from backend.projects.models import Project
from schema.declarations import one
from schema.ids import from_global_id, pk_of
from schema.limits import POSTS
from schema.member import refs
from schema.member.media.ids import attachment_ids, media_pks
from schema.mutations import Answer, Payload, mutation
from schema.policies import people
from social.comments import actions
from social.comments.models import Comment
from social.updates.models import Update

COMMENTABLE: dict[str, Any] = {"Project": Project, "Update": Update, "Task": Task}


@strawberry.input(description="A comment.")
class AddCommentInput:
    subject_id: strawberry.ID = strawberry.field(description="A `Project`, an `Update` or a `Task`.")
    body: str = strawberry.field(description="Markdown, at most 10,000 characters.")
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The comment of the same subject that this one replies to."
    )
    attachment_ids: list[strawberry.ID] | None = attachment_ids()


@strawberry.input(description="A change to one's own comment.")
class EditCommentInput:
    comment_id: strawberry.ID = strawberry.field(description="One's own `Comment`.")
    body: str = strawberry.field(description="Markdown, at most 10,000 characters.")


@strawberry.input(description="Which of one's own comments to take back.")
class DeleteCommentInput:
    comment_id: strawberry.ID = strawberry.field(description="One's own `Comment`.")


@strawberry.type(description="The answer of `addComment`.")
class AddCommentPayload(Payload):
    comment: refs.Comment | None = one(Comment, key="comment", description="The new comment.")


@strawberry.type(description="The answer of `editComment`.")
class EditCommentPayload(Payload):
    comment: refs.Comment | None = one(Comment, key="comment", description="The comment as it is now.")


@strawberry.type(description="The answer of `deleteComment`.")
class DeleteCommentPayload(Payload):
    comment: refs.Comment | None = one(Comment, key="comment", description="Its empty place.")


@mutation(AddCommentPayload, policy=people(Scope.SOCIAL_WRITE), limits=POSTS)
def add_comment(by: User, input: AddCommentInput) -> Answer:
    """Say something under a project, an update or a task, or reply to somebody.

    Refusals: `NOT_FOUND`, `VALIDATION`, `NOT_READY`, `IN_USE`.
    """
    kind, subject_id = from_global_id(input.subject_id, *COMMENTABLE)
    parent_id = None if input.parent_id is None else pk_of(input.parent_id, "Comment", field="parentId")
    comment = actions.add_comment(
        kind=COMMENTABLE[kind],
        subject_id=subject_id,
        parent_id=parent_id,
        body=input.body,
        attachment_ids=media_pks(input.attachment_ids or [], field="attachmentIds"),
        by=by,
    )
    return Answer(comment=comment.pk)


@mutation(EditCommentPayload, policy=people(Scope.SOCIAL_WRITE), limits=POSTS)
def edit_comment(by: User, input: EditCommentInput) -> Answer:
    """Change one's own comment; readers see that it was changed. Refusals: `NOT_FOUND`, `VALIDATION`."""
    comment = actions.edit_comment(comment_id=pk_of(input.comment_id, "Comment"), body=input.body, by=by)
    return Answer(comment=comment.pk)


@mutation(DeleteCommentPayload, policy=people(Scope.SOCIAL_WRITE))
def delete_comment(by: User, input: DeleteCommentInput) -> Answer:
    """Take one's own comment back; replies to it stay. Refusals: `NOT_FOUND`."""
    comment = actions.delete_comment(comment_id=pk_of(input.comment_id, "Comment"), by=by)
    return Answer(comment=comment.pk)
