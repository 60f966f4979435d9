import asyncio
import logging

from redis import RedisError

from backend.core.events import RIGHTS
from realtime import log as event_log
from realtime.database import TELLING
from realtime.presence import Presence
from realtime.subscription import Subscription
from realtime.watch import RightsKeeper, Watch
from schema.context import Asker
from schema.subscriptions import PresentNow
from schema.tellings import Telling, Told

log = logging.getLogger(__name__)

#: Seconds between two times that the same people are told who is there.
PACE = 0.5


class PresenceWatch(Watch):
    """Those who want to know who looks at something; what they have `seen` is the number of a change, counted here."""

    def __init__(self, stream: str, keeper: RightsKeeper, presence: Presence) -> None:
        super().__init__(stream, keeper)
        self._presence = presence
        self._people: list[int] | None = None
        self._changes = 0

    async def admit(self, subscription: Subscription, head: int) -> None:
        """It begins with how it is."""
        subscription.seen = -1

    async def tell_all(self) -> None:
        """Only how it is now: whoever could not be told of something in between never hears of that."""
        try:
            people = await self._presence.at(self.stream)
        except RedisError as error:
            # Nobody knows, and nothing is told; when people are renewed, it is looked for again.
            log.info("nobody knows who looks at %s: %r", self.stream, error)
            return
        if people != self._people:
            self._people = people
            self._changes += 1
        followers = [each for each in self.followers if each.is_ready and each.seen < self._changes]
        if not followers:
            return
        changes, now = self._changes, PresentNow(self.stream, people)
        askers: dict[Telling, dict[Asker | None, None]] = {}
        for each in followers:
            askers.setdefault(each.telling, {})[each.asker] = None

        def tell() -> tuple[dict[Telling, dict[Asker | None, Told]], int]:
            said = {telling: telling.of(now, its) for telling, its in askers.items()}
            return said, event_log.head(RIGHTS)

        said, rights = await TELLING.run(tell)
        await self.keeper.settle_rights(rights)
        for each in followers:
            if each.is_ready and (told := said[each.telling].get(each.asker)):
                each.seen = changes
                each.tell(told)
        # However many come and go: what happens meanwhile is told together.
        await asyncio.sleep(PACE)
