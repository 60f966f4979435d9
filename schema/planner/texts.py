"""How PostgreSQL spells what clients treat as opaque: ids and signed cursors."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, Field, FloatField, IntegerField

from schema.cursors import SALT
from schema.planner.rendering import Sql
from schema.planner.slots import Run, Slot


def global_id(type_name: str, pk: Any) -> Sql:
    """As `schema.ids.to_global_id`. In base64 of a type's name, a colon and digits there is neither + nor /."""
    return Sql(f"replace(encode(('{type_name}:' || {{0}})::bytea, 'base64'), '=', '')", pk)


def place_text(place: str, pk: Any, values: list[tuple[Field[Any, Any], Any]]) -> Sql:
    """The JSON text that a cursor signs: the list, the row that it is of if it is of one, and the ordering values."""
    parts: list[Any] = []
    pieces = [f"'[\"{place}" + ("' || {0} || '\"'" if pk is not None else "\"'")]
    if pk is not None:
        parts.append(pk)
    for field, value in values:
        number = len(parts)
        if isinstance(field, DateTimeField):
            pieces.append(f"',' || to_json({{{number}}})")
        elif isinstance(field, IntegerField | FloatField):
            pieces.append(f"',' || {{{number}}}")
        else:
            raise TypeError(f"no cursor can hold {field}")
        parts.append(value)
    return Sql(" || ".join([*pieces, "']'"]), *parts)


def signed(text: str, *parts: Any) -> Sql:
    """The cursor of a text, as `schema.cursors.encode` spells it; `text` is SQL and cheap, for it stands there twice."""
    # The keys are parameters: a statement's text is shown in logs and statistics.
    count = len(parts)
    digest = f"sha256({{{count + 1}}} || sha256({{{count}}} || textsend({text})))"
    spelled = f"encode(textsend(encode(substr({digest}, 1, 8), 'hex') || {text}), 'base64')"
    # Of + and / there is none to replace: base64 has them for none of the signs that such a text is made of.
    return Sql(f"replace(replace({spelled}, E'\\n', ''), '=', '')", *parts, *_keys())


def _keys() -> tuple[Slot, Slot]:
    # HMAC (RFC 2104) by hand: PostgreSQL has SHA-256 without extensions, and HMAC only with one.
    return Slot(_inner_key, "bytea"), Slot(_outer_key, "bytea")


def _inner_key(run: Run) -> bytes:
    return _padded(settings.SECRET_KEY)[0]


def _outer_key(run: Run) -> bytes:
    return _padded(settings.SECRET_KEY)[1]


@cache
def _padded(secret: str) -> tuple[bytes, bytes]:
    # As Django's salted_hmac derives its key.
    key = hashlib.sha256((SALT + secret).encode()).digest().ljust(64, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
