"""Rights that end: PostgreSQL itself writes down that one may have been lost, whatever it was lost by."""

from typing import Any

import pgtrigger

from backend.core.events import RIGHTS

_WRITE_DOWN = """
    WITH head AS (
        INSERT INTO core_stream (name, seq) VALUES ('<stream>', 1)
        ON CONFLICT (name) DO UPDATE SET seq = core_stream.seq + 1
        RETURNING seq
    )
    INSERT INTO core_recordedevent (stream_id, seq, kind, facts, occurred_at)
    SELECT '<stream>', seq, 'RightsLost', jsonb_build_object(<facts>), now() FROM head;
    RETURN NULL;
"""


class TellRightsLost(pgtrigger.Trigger):
    """After such a change of a row the stream of rights says whom it may have taken a right from.

    `whose`: the fact that names them, `user_id`, `session_id`, or of a program `key_id` or `app_key_id`, and the row's
    column that holds it; none: it may be anybody. Whoever pushes something asks those anew before it tells them anything
    more (`realtime.rights`).

    A trigger and not an event of an action, because no path may forget it: the back office and a cascade do not. Deferred
    to the commit, when the other streams' locks are taken: so this one, too, is taken last.
    """

    when = pgtrigger.After
    timing = pgtrigger.Deferred

    def __init__(self, name: str, operation: Any, *, condition: Any = None, **whose: str) -> None:
        pairs = ", ".join(f"'{fact}', OLD.{column}" for fact, column in whose.items())
        super().__init__(
            name=name,
            operation=operation,
            condition=condition,
            func=_WRITE_DOWN.replace("<stream>", RIGHTS).replace("<facts>", pairs),
        )
