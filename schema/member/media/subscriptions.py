import strawberry

from backend.accounts.events import user_stream
from media import models
from media.events import MediaChecked as Checked
from schema.declarations import one, stream_cursor
from schema.member.media.types import Media
from schema.policies import ACCOUNT, shown_to
from schema.subscriptions import Stream, viewers_events


@shown_to(ACCOUNT)
@strawberry.type(description="A file of the viewer's was checked: it is READY, or REJECTED for a reason.")
class MediaChecked:
    media: Media | None = one(
        models.Media,
        key="facts.media_id",
        description="It, as it is when this is told; null when it is deleted, or when events are gone that one has not "
        "seen: look at `viewer.uploads` again.",
    )
    cursor: str = stream_cursor(
        "Strictly increasing for one person; resume from the last one seen.",
        stream="",
        key="stream_id",
        seq="seq",
    )


@strawberry.type
class MediaSubscriptions:
    media_checked: Stream[MediaChecked] = viewers_events(
        policy=ACCOUNT,
        stream=user_stream,
        kinds=(Checked.kind,),
        description="What becomes of the files that the viewer sent. Refusals: `UNAUTHENTICATED`, `BAD_CURSOR`.",
    )
