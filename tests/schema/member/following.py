"""A subscription without a socket: what it would say of the events that are in the log."""

import json
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

from asgiref.sync import async_to_sync, sync_to_async

from backend.accounts.models import Session, User
from backend.core.events import since
from backend.core.models import RecordedEvent
from schema.context import Context, Missed
from schema.operations import encode, events, prepare
from tests.asking import operations, token_of


class Log:
    """Stands where the hub does: tells what is in the log, and then that nothing more comes."""

    def __init__(self, *, keeps: int = 10**9) -> None:
        self.keeps = keeps

    async def follow(self, stream: str, *, after: int | None) -> AsyncIterator[RecordedEvent | Missed]:
        """The events after a number; if there are more than are kept, one word of that."""
        rows = await sync_to_async(lambda: list(since(stream, after or 0)))()
        if len(rows) > self.keeps:
            yield Missed(stream, rows[-1].seq)
            return
        for row in rows:
            yield row


def follow(
    name: str, viewer: User | None, /, *, keeps: int = 10**9, **variables: Any
) -> list[dict[str, Any]]:
    """Everything that a subscription says until now, its refusal too."""
    if viewer:
        token_of(viewer)
    session = Session.objects.select_related("user").filter(user=viewer).first() if viewer else None
    context = Context(session=session, hub=Log(keeps=keeps))

    async def told() -> list[dict[str, Any]]:
        answers = events(prepare(operations()[name], variables, name), context)
        return [json.loads(encode(answer)) async for answer in answers]

    # A server lets go of its connection after each event; here that would end the test's own transaction.
    with patch("schema.operations.close_old_connections"):
        return async_to_sync(told)()
