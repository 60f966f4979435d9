"""A subscription without a socket: what it would say of the events that are in the log."""

import json
from typing import Any

from backend.accounts.models import User
from backend.core.events import since
from backend.core.refusals import NotFound
from schema.operations import prepare
from schema.preparing import BadRequest
from schema.sessions import session_of
from schema.subscriptions import Missed
from schema.tellings import refused, subscribed
from tests.asking import operations, token_of


def follow(
    name: str, viewer: User | None, /, *, keeps: int = 10**9, **variables: Any
) -> list[dict[str, Any]]:
    """Everything that a subscription says until now, its refusal too; of more events than are kept, one word."""
    asker = session_of(f"Bearer {token_of(viewer)}") if viewer else None
    try:
        wanted, telling = subscribed(prepare(operations()[name], variables, name), asker)
        if asker not in wanted.entitled([asker]):
            raise refused(NotFound())
    except BadRequest as refusal:
        return [{"data": None, "errors": refusal.errors}]
    rows = list(since(wanted.stream, wanted.after or 0))
    events = [Missed(wanted.stream, rows[-1].seq)] if len(rows) > keeps else rows
    told = [telling.of(event, [asker])[asker] for event in events if wanted.tells(event)]
    assert not any(each.is_last for each in told), told
    return [json.loads(each.text) for each in told]
