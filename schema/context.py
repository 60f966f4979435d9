from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable, Mapping
from typing import Any, Protocol

from asgiref.sync import sync_to_async
from django.utils import timezone

from backend.accounts.models import Session, User
from backend.core.models import RecordedEvent
from backend.core.refusals import Refusal

Load = Callable[[list[Any]], Mapping[Any, Any]]
Round = dict[Hashable, tuple[Load, dict[Any, asyncio.Future[Any]]]]

#: A round of resolvers is over when nobody has asked for anything new for so many turns of the event loop; from an
#: answer to the questions that follow from it there are three or four.
QUIET_TURNS = 10
#: Rows that the lists of one operation may ask for in all: lists in lists multiply, and so does their memory.
MOST_ROWS = 50_000


class TooComplex(Refusal):
    code = "QUERY_TOO_COMPLEX"
    message = f"The lists of one operation may ask for {MOST_ROWS} rows in all: ask for shorter pages."


class Missed:
    """Stands in a stream where events are gone that the reader has not seen; `seq` is where the stream is now."""

    actor_id = None
    facts: Mapping[str, Any] = {}
    reason = "TOO_OLD"

    def __init__(self, stream: str, seq: int) -> None:
        self.stream_id = stream
        self.seq = seq
        self.occurred_at = timezone.now()


class Hub(Protocol):
    """What a subscription needs of whoever pushes; realtime supplies it, so that this floor knows no sockets."""

    def follow(self, stream: str, *, after: int | None) -> AsyncGenerator[RecordedEvent | Missed, None]:
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
        self._answers: dict[tuple[Hashable, Any], asyncio.Future[Any]] = {}
        self._round: Round = {}
        self._asked = 0
        self._rows = 0
        self._reading: asyncio.Task[None] | None = None

    def load(self, about: Hashable, key: Any, load: Load) -> Any:
        """Await the value of a key; keys asked for in one round of resolvers are loaded together, in one call.

        `load` is sync; it gets the keys and answers a mapping in which a missing key means None.
        """
        if (about, key) not in self._answers:
            answer = self._answers[about, key] = asyncio.get_running_loop().create_future()
            self._round.setdefault(about, (load, {}))[1][key] = answer
            self._asked += 1
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
        return self._answers[about, key]

    def spend(self, rows: int) -> None:
        """Count the rows that a list is about to ask for. Raises `TooComplex`."""
        self._rows += rows
        if self._rows > MOST_ROWS:
            raise TooComplex

    async def _read(self) -> None:
        # Rounds, not strawberry's DataLoader: there two answers that come back a moment apart start two statements for
        # what follows from them, so how many a document took would depend on how busy the machine is.
        while self._round:
            await self._end_of_round()
            asked, self._round = self._round, {}
            # Thread-sensitive, so under a sync view it runs on the request's own connection.
            found = await sync_to_async(_load_all)(asked)
            for about, (_, answers) in asked.items():
                for key, answer in answers.items():
                    if answer.done():
                        continue  # Whoever asked has gone.
                    if isinstance(values := found[about], Exception):
                        answer.set_exception(values)
                    else:
                        answer.set_result(values.get(key))

    async def _end_of_round(self) -> None:
        quiet = 0
        while quiet < QUIET_TURNS:
            asked = self._asked
            await asyncio.sleep(0)
            quiet = quiet + 1 if asked == self._asked else 0

    def fresh(self, session: Session | None = None) -> Context:
        """The same asker, with nothing read yet."""
        return Context(session=session or self.session, user_agent=self.user_agent, hub=self.hub)

    def forget(self) -> None:
        """Drop what has been read: a mutation has changed it."""
        self._answers.clear()


def _load_all(asked: Round) -> dict[Hashable, Mapping[Any, Any] | Exception]:
    """What each load of a round answers; one that fails leaves the others their answers."""
    found: dict[Hashable, Mapping[Any, Any] | Exception] = {}
    for about, (load, answers) in asked.items():
        try:
            found[about] = load(list(answers))
        except Exception as failure:
            found[about] = failure
    return found
