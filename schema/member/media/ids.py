from collections.abc import Sequence
from typing import Any

import strawberry

from schema.ids import pk_of


def media_pks(ids: Sequence[strawberry.ID], *, field: str) -> list[int]:
    """The keys of files. Raises `NotFound`, for the input field."""
    return [pk_of(id, "Media", field=field) for id in ids]


def with_attachments(facts: dict[str, Any]) -> dict[str, Any]:
    """What a client gave of a thing, with the keys of its files for their ids. Raises `NotFound`."""
    if "attachment_ids" in facts:
        facts["attachment_ids"] = media_pks(facts["attachment_ids"], field="attachmentIds")
    return facts


def attachment_ids(meaning: str = "at most 10") -> Any:
    """The input field that names them."""
    return strawberry.field(
        default=None, description=f"One's own `Media` of purpose ATTACHMENT that are READY, {meaning}."
    )
