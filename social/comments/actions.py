from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backend.accounts.blocks import no_block
from backend.accounts.models import User
from backend.boards.models import Task
from backend.core.events import record
from backend.core.refusals import NotFound
from backend.core.text import clean_text, render
from backend.projects.models import Project
from media.placements import attach_by, clear
from social.comments.events import CommentAdded, CommentDeleted, CommentEdited, CommentEvent
from social.comments.models import DEEPEST, Comment, Commentable, CommentAttachment, subject_field
from social.updates.models import Update

LONGEST_COMMENT = 10_000
#: Who owns the project that each kind of subject is of.
OWNER: dict[type[Commentable], str] = {
    Project: "owner",
    Update: "project__owner",
    Task: "board__project__owner",
}


@transaction.atomic(durable=True)
def add_comment(
    *,
    kind: type[Project] | type[Update] | type[Task],
    subject_id: int,
    by: User,
    body: str,
    parent_id: int | None = None,
    attachment_ids: Sequence[int] = (),
) -> Comment:
    """Say something under a subject, or in reply to a comment of the same subject, with files of one's own.

    Raises `NotFound`, `Invalid`, and what `media.placements.attach` does.

    Where there is a block between two people, neither answers the other nor speaks on the other's project.
    """
    # Asked of the table, and not of what was known of them when their session was read.
    welcome = kind.objects.visible_to(by).filter(no_block(OWNER[kind], by))
    subject: Commentable | None = welcome.filter(pk=subject_id).first()
    if subject is None:
        raise NotFound
    field = subject_field(subject)
    body = clean_text(body, field="body", longest=LONGEST_COMMENT, shortest=1)
    parent = None
    if parent_id is not None:
        thread = Comment.objects.filter(no_block("author", by), **{field: subject})
        parent = thread.standing().select_related("parent").filter(pk=parent_id).first()
        if parent is None:
            raise NotFound(field="parentId")
        if parent.depth == DEEPEST:
            parent = parent.parent
    comment = Comment.objects.create(
        **{field: subject},
        parent=parent,
        depth=parent.depth + 1 if parent else 0,
        author=by,
        body=body,
        body_html=render(body),
    )
    if parent:
        Comment.objects.filter(pk=parent.pk).update(reply_count=F("reply_count") + 1)
    kind.objects.filter(pk=subject.pk).update(comment_count=F("comment_count") + 1)
    if attachment_ids:
        attach_by(CommentAttachment, attachment_ids, by=by, comment=comment)
    record(_event(CommentAdded, comment), by=by)
    return comment


@transaction.atomic(durable=True)
def edit_comment(*, comment_id: int, by: User, body: str) -> Comment:
    """Change one's own comment; the reader sees that it was. Raises `NotFound`, `Invalid`."""
    comment = _own(comment_id, by)
    body = clean_text(body, field="body", longest=LONGEST_COMMENT, shortest=1)
    if not Comment.objects.filter(pk=comment.pk, deleted_at=None).update(
        body=body, body_html=render(body), edited_at=timezone.now()
    ):
        raise NotFound
    record(_event(CommentEdited, comment), by=by)
    return Comment.objects.get(pk=comment.pk)


@transaction.atomic(durable=True)
def delete_comment(*, comment_id: int, by: User) -> Comment:
    """Empty one's own comment; its place stays, so that the replies to it keep theirs. Raises `NotFound`."""
    comment = _own(comment_id, by)
    standing = Comment.objects.standing().select_for_update(no_key=True).filter(pk=comment.pk)
    if not take_back(list(standing), by=by):
        raise NotFound
    return Comment.objects.get(pk=comment.pk)


def take_back(comments: Sequence[Comment], *, by: User | None) -> int:
    """Empty standing comments, which whoever calls has locked, in the caller's transaction; says how many."""
    if not comments:
        return 0
    Comment.objects.filter(pk__in=[comment.pk for comment in comments]).update(
        body="", body_html="", deleted_at=timezone.now()
    )
    # An update comes before its project, as where one is published; rows of a table by key.
    for field, kind in (("update", Update), ("project", Project), ("task", Task)):
        counts = Counter(getattr(comment, f"{field}_id") for comment in comments)
        for pk in sorted(pk for pk in counts if pk is not None):
            model: Any = kind
            model.objects.filter(pk=pk).update(comment_count=F("comment_count") - counts[pk])
    clear(CommentAttachment.objects.filter(comment__in=comments))
    record(*(_event(CommentDeleted, comment) for comment in comments), by=by)
    return len(comments)


def _own(comment_id: int, by: User) -> Comment:
    comment = Comment.objects.visible_to(by).standing().filter(pk=comment_id, author=by).first()
    if comment is None:
        raise NotFound
    return comment


def _event(event: type[CommentEvent], comment: Comment) -> CommentEvent:
    subject = comment.subject_field
    return event(subject=subject, subject_id=getattr(comment, f"{subject}_id"), comment_id=comment.pk)
