"""Opaque, signed cursors: a place in one list, or in one stream of events.

The signature is a plain HMAC-SHA-256 over readable text, so that PostgreSQL makes the same with its own functions
(`schema.planner.texts`); here they are opened, and made for what no statement answers.
"""

import base64
import binascii
import json
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

from backend.core.refusals import Refusal

LONGEST = 400
#: What the key is derived with.
SALT = "acequia.cursor"


class BadCursor(Refusal):
    """A cursor that this list did not give out: garbage, another list's, or changed."""

    code = "BAD_CURSOR"
    message = "This cursor does not belong to this list."


def encode(place: str, *values: Any) -> str:
    """The cursor of a row with these ordering values in the list or stream called `place`."""
    text = json.dumps([place, *values], ensure_ascii=True, separators=(",", ":"))
    return _spelled(_sign(text), text)


def decode(cursor: str, place: str) -> list[Any]:
    """The ordering values of a cursor that this list or stream gave out. Raises `BadCursor`."""
    its_place, values = opened(cursor)
    if its_place != place:
        raise BadCursor
    return values


def opened(cursor: str) -> tuple[str, list[Any]]:
    """The list or stream of a cursor that this house gave out, and its ordering values. Raises `BadCursor`."""
    try:
        if len(cursor) > LONGEST:
            raise BadCursor
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise BadCursor from None
    signature, text = text[:16], text[16:]
    # The second question: base64 has bits that nobody reads, and other spellings of two signs.
    if not constant_time_compare(signature, _sign(text)) or cursor != _spelled(signature, text):
        raise BadCursor
    place, *values = json.loads(text)
    return place, values


def _spelled(signature: str, text: str) -> str:
    return base64.urlsafe_b64encode(f"{signature}{text}".encode()).decode().rstrip("=")


def _sign(text: str) -> str:
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:16]
