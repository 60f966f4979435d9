from datetime import timedelta

from django.utils import timezone

from backend.core.events import forget
from backend.core.queue import every

#: Whoever comes back with an older cursor is told to ask anew.
KEPT = timedelta(days=30)
#: Events deleted at once: seven million a day, none of these deletions longer than a blink.
BATCH = 5_000


def prune_log() -> None:
    """Forget the oldest events that are not kept any more."""
    forget(before=timezone.now() - KEPT, most=BATCH)


every("* * * * *", prune_log)
