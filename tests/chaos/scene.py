"""Where a scenario plays: servers, boards, and the people on them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.chaos.chance import chance
from tests.chaos.fleet import HTTP, SOCKETS, Fleet, Worker
from tests.chaos.ground import Ground
from tests.chaos.ledger import Ledger, Recorded, recorded
from tests.chaos.options import Options
from tests.chaos.tally import Tally
from tests.chaos.watchers import Watcher
from tests.chaos.world import Board
from tests.chaos.writers import Writer


@dataclass(frozen=True)
class Scene:
    """One scenario's fleet, its own boards, and the tokens of those who may write on all of them."""

    ground: Ground
    fleet: Fleet
    options: Options
    boards: Sequence[Board]
    tokens: Sequence[str]

    def writers(self, ledger: Ledger) -> list[Writer]:
        """One for each person."""
        return [
            Writer(token, self.boards, self.writing, ledger, chance(self.options.seed, f"writer {number}"))
            for number, token in enumerate(self.tokens)
        ]

    def watchers(
        self,
        count: int,
        tally: Tally,
        *,
        heads: dict[str, int] | None = None,
        from_the_head: bool = False,
        servers: Callable[[], Sequence[Worker]] | None = None,
    ) -> list[Watcher]:
        """So many, spread over the boards; each begins at a number of its own, up to the head of its board."""
        made = []
        for number in range(count):
            luck = chance(self.options.seed, f"watcher {number}")
            board = self.boards[number % len(self.boards)]
            head = (heads or {}).get(board.stream, 0)
            after = head if from_the_head else luck.randint(0, head)
            made.append(Watcher(board, after, servers or self.serving, tally, luck))
        return made

    def writing(self) -> Sequence[Worker]:
        """The servers that write."""
        return self.fleet.living(HTTP)

    def serving(self) -> Sequence[Worker]:
        """The servers that have sockets."""
        return self.fleet.living(SOCKETS)

    async def heads(self) -> dict[str, int]:
        """The number of the last event of each stream."""
        return await asyncio.to_thread(self.ground.heads)

    async def recorded(self) -> list[Recorded]:
        """All that happened on its boards, which is the truth."""
        return await asyncio.to_thread(
            recorded, self.ground.postgres.url, [board.stream for board in self.boards]
        )
