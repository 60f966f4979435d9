"""Where a file stands. Each kind of place is a table of its own, in the package of the thing; what is true of all of
them is said here, and PostgreSQL keeps it: only what was checked stands anywhere, in one place, that it was sent for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.db import models

#: The SQLSTATE of a file that cannot stand where it is put; the class is nobody else's.
CANNOT_STAND = "AC002"

_STAND = """
    UPDATE media_media SET expires_at = NULL
    WHERE id = NEW.media_id AND state = 'READY' AND expires_at IS NOT NULL AND (<fits>);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'file % cannot stand there', NEW.media_id USING ERRCODE = '<state>';
    END IF;
    RETURN NEW;
"""
# A job removes what has no place any more; whoever deletes the file itself has nothing left to say of it here.
_LEAVE = "UPDATE media_media SET expires_at = clock_timestamp() WHERE id = OLD.media_id; RETURN NULL;"


class Place(models.Model):
    """A row that says where a file stands. What stands somewhere is there to be seen by whoever sees that thing."""

    media = models.OneToOneField("media.Media", on_delete=models.CASCADE, related_name="%(class)s")
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Counts from 0; so there are never more than its greatest value allows."
    )

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        media_id: int


def stands(fits: str, *things: str) -> list[pgtrigger.Trigger]:
    """The triggers of a table of places. `fits` is SQL: what a row NEW asks of the file's own columns; `things` are the
    columns that say where it stands, which never change, as the file itself."""
    never_changes = pgtrigger.UpdateOf("media_id", *things)  # type: ignore[no-untyped-call]
    func = _STAND.replace("<fits>", fits).replace("<state>", CANNOT_STAND)
    return [
        pgtrigger.Trigger(
            name="file_stands_where_it_fits", when=pgtrigger.Before, operation=pgtrigger.Insert, func=func
        ),
        pgtrigger.Trigger(
            name="file_stands_there_no_more", when=pgtrigger.After, operation=pgtrigger.Delete, func=_LEAVE
        ),
        pgtrigger.Protect(name="file_never_moves", operation=never_changes),
    ]
