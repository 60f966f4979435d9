"""Clients that write: they make, move, claim and release tasks by GraphQL over HTTP, whatever becomes of the servers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

from schema.ids import pk_of
from tests.chaos.door import Door, NoAnswer, Nobody
from tests.chaos.fleet import Worker
from tests.chaos.ledger import Ledger
from tests.chaos.world import Board

_CREATE = (
    "mutation($input: CreateTaskInput!) { done: createTask(input: $input) { task { id } errors { code } } }"
)
_MOVE = "mutation($input: MoveTaskInput!) { done: moveTask(input: $input) { task { id } errors { code } } }"
_CLAIM = (
    "mutation($input: ClaimTaskInput!) { done: claimTask(input: $input) { claim { id } errors { code } } }"
)
_RELEASE = "mutation($input: ReleaseClaimInput!) { done: releaseClaim(input: $input) { task { id } errors { code } } }"
#: Of a hundred deeds: most are moves, which cost a server least, and a few leave more tasks behind.
_CLAIMS, _CREATIONS = 20, 2
#: Between two attempts when nobody answers.
_PAUSE = 0.2


class Writer:
    """One person who writes on all boards; the tasks are its own, so that nobody else's deeds mix with its account."""

    def __init__(
        self,
        token: str,
        boards: Sequence[Board],
        servers: Callable[[], Sequence[Worker]],
        ledger: Ledger,
        chance: Random,
    ) -> None:
        self._token = token
        self._boards = boards
        self._ledger = ledger
        self._chance = chance
        self._door = Door(servers, chance)
        self._tasks: dict[Board, list[str]] = {board: [] for board in boards}

    async def begin(self) -> None:
        """A first task on each board, however often it must be asked for."""
        for board in self._boards:
            await self.insist(self.create, board)

    async def insist(self, deed: Callable[[Board], Awaitable[None]], board: Board) -> None:
        """A deed on a board, asked for until it is answered."""
        while True:
            try:
                return await deed(board)
            except NoAnswer:
                await asyncio.sleep(_PAUSE)

    async def run(self, may_go_on: Callable[[], bool]) -> None:
        """Write until cancelled, while it may go on."""
        try:
            while True:
                while not may_go_on():
                    await asyncio.sleep(0.02)
                try:
                    await self._do_something()
                except NoAnswer:
                    await asyncio.sleep(self._chance.uniform(0, _PAUSE))
        finally:
            self._door.close()

    async def create(self, board: Board) -> None:
        """One more task. Raises `NoAnswer`."""
        done = await self._do("TaskCreated", _CREATE, boardId=board.id, title="Clear the sluice")
        if done:
            self._tasks[board].append(done["task"]["id"])
            self._ledger.acknowledge("TaskCreated", pk_of(done["task"]["id"], "Task"))

    async def move(self, board: Board) -> None:
        """A task to another place, which is an event each time. Raises `NoAnswer`."""
        tasks = self._tasks[board]
        task = self._chance.choice(tasks)
        behind = self._chance.choice([each for each in tasks if each != task] or [None])
        if await self._do("TaskMoved", _MOVE, taskId=task, afterTaskId=behind):
            self._ledger.acknowledge("TaskMoved", pk_of(task, "Task"))

    async def _do_something(self) -> None:
        board = self._chance.choice(self._boards)
        deed = self._chance.randrange(100)
        if deed < _CREATIONS or not self._tasks[board]:
            await self.create(board)
        elif deed < _CREATIONS + _CLAIMS:
            await self._claim_and_release(board)
        else:
            await self.move(board)

    async def _claim_and_release(self, board: Board) -> None:
        task = self._chance.choice(self._tasks[board])
        if not (done := await self._do("TaskClaimed", _CLAIM, taskId=task)):
            return
        claim = done["claim"]["id"]
        pk = pk_of(claim, "Claim")
        # Whoever holds a place is told so again, and that is no event: so a claim counts once.
        self._ledger.acknowledge("TaskClaimed", pk, once=True)
        if await self._do("ClaimReleased", _RELEASE, claimId=claim):
            self._ledger.acknowledge("ClaimReleased", pk, once=True)

    async def _do(self, kind: str, mutation: str, **fields: Any) -> dict[str, Any] | None:
        # None: it was refused, so nothing was done.
        try:
            answer = await self._door.ask(mutation, {"input": fields}, self._token)
        except NoAnswer as silence:
            self._ledger.unanswered[kind] += not isinstance(silence, Nobody)
            self._ledger.reasons[str(silence)] += 1
            raise
        except asyncio.CancelledError:
            self._ledger.unanswered[kind] += 1
            raise
        done: dict[str, Any] = answer["done"]
        return None if done["errors"] else done
