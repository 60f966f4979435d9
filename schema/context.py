from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from typing import Any, Protocol

from asgiref.sync import sync_to_async
from django.utils import timezone
from strawberry.dataloader import DataLoader

from backend.accounts.models import Session, User
from backend.core.models import RecordedEvent

Load = Callable[[list[Any]], Mapping[Any, Any]]


class Missed:
    """Stands in a stream where events are gone that the reader has not seen; `seq` is where the stream is now."""

    actor_id = None
    reason = "TOO_OLD"

    def __init__(self, stream: str, seq: int) -> None:
        self.stream_id = stream
        self.seq = seq
        self.occurred_at = timezone.now()


class Hub(Protocol):
    """What a subscription needs of whoever pushes; realtime supplies it, so that this floor knows no sockets."""

    def follow(self, stream: str, *, after: int | None) -> AsyncIterator[RecordedEvent | Missed]:
        """The events of a stream after a number, then live ones as they commit; none: from now on."""
        ...


class Context:
    """Who asks, and what has been read for them so far; one for each operation, and for each event of a subscription."""

    def __init__(
        self, *, session: Session | None = None, user_agent: str = "", hub: Hub | None = None
    ) -> None:
        self.session = session
        self.viewer: User | None = session.user if session else None
        self.user_agent = user_agent
        self.hub = hub
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    def load(self, about: Hashable, key: Any, load: Load) -> Any:
        """Await the value of a key; keys asked for in one round of resolvers are loaded together, in one call.

        `load` is sync; it gets the keys and answers a mapping in which a missing key means None.
        """
        if about not in self._loaders:

            async def load_all(keys: list[Any]) -> list[Any]:
                # Thread-sensitive, so under a sync view it runs on the request's own connection.
                found = await sync_to_async(load)(keys)
                return [found.get(key) for key in keys]

            self._loaders[about] = DataLoader(load_fn=load_all)
        return self._loaders[about].load(key)

    def fresh(self, session: Session | None = None) -> Context:
        """The same asker, with nothing read yet."""
        return Context(session=session or self.session, user_agent=self.user_agent, hub=self.hub)

    def forget(self) -> None:
        """Drop what has been read: a mutation has changed it."""
        self._loaders.clear()
