"""Opaque, signed cursors: a place in one list, or in one stream of events.

The signature is a plain HMAC-SHA-256 over readable text, so that PostgreSQL can make the same one with its own functions.
"""

import base64
import binascii
import json
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

from backend.core.refusals import Refusal

LONGEST = 400


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
    values: list[Any] = json.loads(text)
    if values.pop(0) != place:
        raise BadCursor
    return values


def _spelled(signature: str, text: str) -> str:
    return base64.urlsafe_b64encode(f"{signature}{text}".encode()).decode().rstrip("=")


def _sign(text: str) -> str:
    return salted_hmac("acequia.cursor", text, algorithm="sha256").hexdigest()[:16]
