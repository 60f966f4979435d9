from datetime import datetime
from typing import Any

import strawberry
from django.conf import settings
from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Least

from backend.accounts import exports, models
from schema.declarations import Node, column, expression, finished, many, node, one
from schema.member.enums import ExportState
from schema.mutations import Answer, Payload, mutation
from schema.policies import people, with_policy


def _percent(viewer: Any) -> Combinable:
    return Case(
        When(state=models.ExportState.READY, then=Value(100)),
        # What came in meanwhile is written too: it is done when it is ready.
        When(total__gt=0, then=Least(F("done") * 100 / F("total"), Value(99))),
        default=Value(0),
        output_field=IntegerField(),
    )


def _address_parts(viewer: Any) -> dict[str, Any]:
    return {"export": F("pk"), "state": F("state"), "expires": F("expires_at")}


def _address(*, export: int, state: str, expires: str | None) -> str | None:
    path = exports.address_of(export, state, datetime.fromisoformat(expires) if expires else None)
    return path and f"{settings.SITE_URL}{path}"


@node(
    models.DataExport,
    # A program's token opens no way to everything.
    policy=people(),
    description="A copy of all that is held of the viewer, as a zip; it is deleted after a week.",
)
class DataExport(Node):
    status: ExportState = column("Where it stands.", name="state")
    size: int = column("Its bytes, so far.")
    created_at: datetime = column("When it was asked for.")
    expires_at: datetime | None = column("When it is deleted; null before it is ready.")

    progress: int = expression(
        _percent, description="How much of it is made, in percent; 100 when it is ready."
    )
    url: str | None = finished(
        _address_parts,
        _address,
        description="Where to fetch it within 15 minutes, made anew each time; null unless it is ready. Keep it secret.",
    )


@strawberry.type(description="The answer of `requestDataExport`.")
class RequestDataExportPayload(Payload):
    export: DataExport | None = one(
        models.DataExport, key="export", description="Ask for it again to see how far it is."
    )


@mutation(RequestDataExportPayload, policy=people())
def request_data_export(by: models.User) -> Answer:
    """Have a copy of all that is held of oneself put together; the one that is being made, if there is one.

    Refusals: `LIMIT`: one a day.
    """
    return Answer(export=exports.request_data_export(by=by).pk)


data_exports: Any = with_policy(
    people(),
    many(
        models.DataExport,
        by="user_id",
        order=("-id",),
        description="The copies of their data that they asked for within a month, newest first.",
    ),
)
