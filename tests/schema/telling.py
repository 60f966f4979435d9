"""Events of a board, and what of them is told to whom, without a hub."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from backend.accounts.models import User
from backend.boards.events import board_stream
from backend.boards.models import Claim, Task
from backend.core.models import RecordedEvent
from schema.context import Asker, Standing
from schema.operations import prepare
from schema.sessions import session_of
from schema.subscriptions import Happening
from schema.tellings import Telling, subscribed
from tests.asking import id_of, operations, token_of

#: What each kind of event of a board says beside its task.
KINDS: dict[str, dict[str, Any]] = {
    "TaskCreated": {},
    "TaskEdited": {},
    "TaskMoved": {},
    "TaskClosed": {},
    "TaskClaimed": {"claim_id": 1, "claimant_id": 1},
    "ClaimReleased": {"claim_id": 1, "claimant_id": 1, "reason": "EXPIRED"},
    "WorkSubmitted": {"claim_id": 1, "claimant_id": 1},
    "WorkReviewed": {"claim_id": 1, "claimant_id": 1, "verdict": "APPROVE"},
}


def asker_of(person: User | None) -> Asker | None:
    """Who asks, as a door would know them."""
    return session_of(f"Bearer {token_of(person)}") if person else None


def unknown(pk: int, user_id: int) -> Asker:
    """Somebody of whom only the keys are known: of their session, and theirs."""
    return Asker(pk, user_id, Standing(), "en", "2030-01-01T00:00:00+00:00", lambda asker: User(pk=user_id))


def claimed(task: Task, holder: User) -> Claim:
    """A place on a task that somebody holds."""
    ends = timezone.now() + timedelta(days=1)
    return Claim.objects.create(task=task, claimant=holder, expires_at=ends)


def happened(task: Task, kind: str = "TaskEdited", *, by: User | None = None, **facts: Any) -> RecordedEvent:
    """An event of a task, as it would stand in the log."""
    return RecordedEvent(
        stream_id=board_stream(task.board_id),
        seq=7,
        kind=kind,
        actor_id=by.pk if by else None,
        facts={"board_id": task.board_id, "task_id": task.pk, **KINDS[kind], **facts},
        occurred_at=timezone.now(),
    )


def telling_of(document: str, asker: Asker | None = None, /, **variables: Any) -> Telling:
    """How a subscription is told: a document, or the operation of that name of our clients."""
    return subscribed(prepare(operations().get(document, document), variables, None), asker)[1]


def on_task(selection: str, arguments: str = "", *, kind: str = "TaskEdited", more: str = "") -> str:
    """The document of a subscription that selects this of the task of an event, and `more` of the event."""
    return (
        f"subscription($boardId: ID!{arguments})"
        f" {{ boardEvents(boardId: $boardId) {{ {more} ... on {kind} {{ task {{ {selection} }} }} }} }}"
    )


def on(task: Task) -> dict[str, str]:
    """The variables of whoever follows the board of a task."""
    return {"boardId": id_of(task.board)}


def told(telling: Telling, event: Happening, askers: Iterable[Asker | None]) -> list[Any]:
    """What each of them is told, in their order: the data, or the codes of what ends it."""
    askers = [*askers]
    said = telling.of(event, askers)
    assert set(said) == set(askers)
    return [_read(said[asker].text, is_last=said[asker].is_last) for asker in askers]


def _read(text: str, *, is_last: bool) -> Any:
    answer = json.loads(text)
    if is_last:
        return [each["extensions"]["code"] for each in answer]
    assert answer.keys() == {"data"}
    return answer["data"]
