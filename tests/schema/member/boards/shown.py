"""What clients read of a task and its claims."""

from typing import Any

from backend.accounts.models import User
from backend.boards.models import Claim, Task
from tests.asking import id_of, spelled
from tests.schema.member.projects.shown import person


def parts(task: Task, viewer: User | None, can: list[str], **changes: Any) -> dict[str, Any]:
    """A task as it is in the database, as somebody sees it who can do so much."""
    task = Task.objects.get(pk=task.pk)
    held = Claim.objects.held().filter(task=task).order_by("claimed_at", "id")
    mine = held.filter(claimant=viewer).first() if viewer else None
    return {
        "id": id_of(task),
        "number": task.number,
        "title": task.title,
        "body": task.body,
        "bodyHtml": task.body_html,
        "skills": task.skills,
        "labels": task.labels,
        "estimateMinutes": task.estimate_minutes,
        "slots": task.slots,
        "openSlots": task.open_slots,
        "state": task.state,
        "position": task.position,
        "version": task.version,
        "dueAt": spelled(task.due_at) if task.due_at else None,
        "commentCount": task.comment_count,
        "claims": [_claim(each) for each in held],
        "viewerClaim": {"id": id_of(mine), "state": mine.state, "expiresAt": spelled(mine.expires_at)}
        if mine
        else None,
        "viewerCan": can,
    } | changes


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "id": id_of(claim),
        "state": claim.state,
        "claimant": person(claim.claimant),
        "claimedAt": spelled(claim.claimed_at),
        "expiresAt": spelled(claim.expires_at),
        "submission": {"note": claim.note, "links": claim.links} if claim.submitted_at else None,
    }
