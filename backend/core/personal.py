from backend.core.holdings import Holding
from backend.core.models import Pending, RecordedEvent, Stream

HOLDINGS: tuple[Holding, ...] = ()

#: The log holds references and small facts, never what somebody wrote; its actor points at the tombstone then.
NOT_PERSONAL = {
    Stream: ("name", "seq"),
    RecordedEvent: ("id", "stream", "seq", "kind", "actor", "facts", "occurred_at"),
    Pending: ("id", "reader", "event", "after", "job_id"),
}
