"""Whoever comes back with a cursor from before the log begins is told so, and goes on from where the stream is now."""

from datetime import timedelta

from django.utils import timezone

from backend.core.jobs import KEPT, prune_log
from backend.core.models import RecordedEvent
from schema import cursors
from tests.asking import id_of
from tests.cast import Cast
from tests.realtime.following import apart, subscribe, tell


async def test_a_cursor_older_than_what_is_kept_asks_to_resync_and_a_younger_one_goes_on(racing_cast: Cast):
    board = racing_cast.board.pk
    await tell(board, 5)
    old = RecordedEvent.objects.filter(stream=f"board:{board}", seq__lte=3)
    await apart(lambda: old.update(occurred_at=timezone.now() - KEPT - timedelta(seconds=1)))
    await apart(prune_log)

    def follow(seq: int):
        after = cursors.encode(f"board:{board}", seq)
        return subscribe(None, "BoardLive", boardId=id_of(racing_cast.board), after=after)

    def told(answer: dict) -> tuple[str, str]:
        event = answer["data"]["boardEvents"]
        return event["__typename"], event["cursor"]

    (missed,) = await follow(2).hears(1)
    assert told(missed) == ("ResyncRequired", cursors.encode(f"board:{board}", 5))
    assert [told(each) for each in await follow(3).hears(2)] == [
        ("TaskMoved", cursors.encode(f"board:{board}", seq)) for seq in (4, 5)
    ]
