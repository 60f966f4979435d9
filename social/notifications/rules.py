"""Which events concern whom: one function an event, each read from top to bottom."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from backend.boards.events import TaskClaimed, WorkReviewed, WorkSubmitted
from backend.boards.models import Claim, Task, WorkVerdict
from backend.core.events import Event
from backend.core.models import RecordedEvent
from backend.projects.models import COORDINATORS, Membership, Project
from social.comments.events import CommentAdded
from social.comments.models import Comment
from social.follows.events import Followed
from social.follows.models import Follow
from social.notifications.models import NotificationKind
from social.updates.events import UpdatePublished
from social.updates.models import Audience, Update


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What some people are to be told: a kind, and the id of a subject of one of `SUBJECTS`."""

    kind: NotificationKind
    subject: str
    subject_id: int
    recipients: Iterable[int]

    @property
    def is_personal(self) -> bool:
        """Whether it is told because of who did it, and so not to those who have a block with them.

        The rest is a project's news and work, which goes on: of it they are told, and not by whom.
        """
        return self.kind in PERSONAL


#: What somebody does towards somebody.
PERSONAL = (NotificationKind.NEW_FOLLOWER, NotificationKind.COMMENT, NotificationKind.REPLY)


def notices(row: RecordedEvent, event: Event) -> Iterator[Notice]:
    """What people are told of an event; nothing for an event that concerns nobody in person."""
    rule = RULES.get(row.kind)
    try:
        if rule is not None:
            yield from rule(event)
    except ObjectDoesNotExist:
        return  # What it was about is gone since: there is nothing to tell.


def _followed(event: Followed) -> Iterator[Notice]:
    # Somebody who has stopped meanwhile, or has gone, is no news.
    Follow.objects.get(
        follower=event.follower_id,
        user=event.user_id,
        project=event.project_id,
        community=event.community_id,
    )
    if event.user_id:
        yield Notice(
            kind=NotificationKind.NEW_FOLLOWER,
            subject="user",
            subject_id=event.user_id,
            recipients=[event.user_id],
        )
    elif event.project_id:
        owner = Project.objects.values_list("owner_id", flat=True).get(pk=event.project_id)
        yield Notice(
            kind=NotificationKind.NEW_FOLLOWER,
            subject="project",
            subject_id=event.project_id,
            recipients=[owner],
        )


def _comment_added(event: CommentAdded) -> Iterator[Notice]:
    standing = Comment.objects.standing().select_related(
        "parent", "project", "update", "task__board__project"
    )
    comment = standing.get(pk=event.comment_id)
    answered = comment.parent.author_id if comment.parent else None
    if comment.parent and answered:
        yield Notice(
            kind=NotificationKind.REPLY,
            subject="comment",
            subject_id=comment.parent.pk,
            recipients=[answered],
        )
    # Whoever is told of the reply is not told of the comment once more.
    yield Notice(
        kind=NotificationKind.COMMENT,
        subject=event.subject,
        subject_id=event.subject_id,
        recipients=_whose(comment) - {answered},
    )


def _whose(comment: Comment) -> set[int | Any]:
    if comment.project:
        return {comment.project.owner_id}
    if comment.update:
        return {comment.update.author_id}
    holders = Claim.objects.held().filter(task=comment.task_id).values_list("claimant_id", flat=True)
    return {comment.task.board.project.owner_id, *holders} if comment.task else set()


def _update_published(event: UpdatePublished) -> Iterator[Notice]:
    update = Update.objects.get(pk=event.update_id)
    readers: Iterable[int]
    if update.audience == Audience.TEAM:
        readers = Membership.objects.filter(project=update.project_id).values_list("user_id", flat=True)
    else:
        readers = Follow.objects.filter(project=update.project_id).values_list("follower_id", flat=True)
    yield Notice(
        kind=NotificationKind.UPDATE_PUBLISHED, subject="update", subject_id=update.pk, recipients=readers
    )


def _task_claimed(event: TaskClaimed) -> Iterator[Notice]:
    yield _for_coordinators(NotificationKind.TASK_CLAIMED, event.task_id)


def _work_submitted(event: WorkSubmitted) -> Iterator[Notice]:
    yield _for_coordinators(NotificationKind.WORK_SUBMITTED, event.task_id)


def _work_reviewed(event: WorkReviewed) -> Iterator[Notice]:
    accepted = event.verdict == WorkVerdict.ACCEPT
    task = Task.objects.only("pk").get(pk=event.task_id)
    yield Notice(
        kind=NotificationKind.WORK_ACCEPTED if accepted else NotificationKind.CHANGES_REQUESTED,
        subject="task",
        subject_id=task.pk,
        recipients=[event.claimant_id],
    )


def _for_coordinators(kind: NotificationKind, task_id: int) -> Notice:
    project = Task.objects.values_list("board__project_id", flat=True).get(pk=task_id)
    team = Membership.objects.filter(project=project, role__in=COORDINATORS)
    return Notice(
        kind=kind, subject="task", subject_id=task_id, recipients=team.values_list("user_id", flat=True)
    )


RULES: dict[str, Callable[[Any], Iterator[Notice]]] = {
    Followed.kind: _followed,
    CommentAdded.kind: _comment_added,
    UpdatePublished.kind: _update_published,
    TaskClaimed.kind: _task_claimed,
    WorkSubmitted.kind: _work_submitted,
    WorkReviewed.kind: _work_reviewed,
}
