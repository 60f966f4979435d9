"""Whoever has deleted their account writes nothing any more: PostgreSQL sees to it, whatever was on its way."""

from typing import Any

import pgtrigger
from django.db import DatabaseError

#: The SQLSTATE of that refusal; the class is nobody else's.
CLOSED = "AC001"

_ASK = """
    IF NEW.<column> IS NOT NULL THEN
        PERFORM FROM accounts_user WHERE id = NEW.<column> AND deleted_at IS NULL FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'account % is closed', NEW.<column> USING ERRCODE = '<state>';
        END IF;
    END IF;
"""


class RefuseTheDeparted(pgtrigger.Trigger):
    """No row comes to be whose columns of these names point at a deleted account.

    Closing an account locks its row against key shares: a row that points at it is there before, and is found by the
    erasure, or it is refused. A look before the write would leave a moment between the two.
    """

    when = pgtrigger.Before

    def __init__(self, name: str, *columns: str, operation: Any = pgtrigger.Insert) -> None:
        asked = "".join(_ASK.replace("<column>", column).replace("<state>", CLOSED) for column in columns)
        super().__init__(name=name, operation=operation, func=f"{asked}    RETURN NEW;")


def is_closed(error: DatabaseError) -> bool:
    """Whether a statement was refused because it wrote for an account that is deleted."""
    return getattr(error.__cause__, "sqlstate", None) == CLOSED
