"""Global ids: base64url of "Type:7", opaque to clients (GraphQL Global Object Identification)."""

import base64
import binascii

from backend.core.refusals import NotFound

LONGEST = 60
_BIGGEST = 2**63 - 1


def to_global_id(type_name: str, pk: int) -> str:
    """The id that clients know a row by."""
    return base64.urlsafe_b64encode(f"{type_name}:{pk}".encode()).decode().rstrip("=")


def from_global_id(value: str, *type_names: str, field: str | None = None) -> tuple[str, int]:
    """The type and primary key of an id of one of these types.

    Whatever else it is, malformed, foreign or out of range, there is no such thing: raises `NotFound`.
    """
    try:
        if len(value) > LONGEST:
            raise NotFound(field=field)
        text = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True).decode(
            "ascii"
        )
    except (binascii.Error, ValueError):
        raise NotFound(field=field) from None
    type_name, _, number = text.partition(":")
    # isdecimal alone would let other scripts' digits through; ascii was decoded above.
    if type_name not in type_names or not number.isdecimal() or int(number) > _BIGGEST:
        raise NotFound(field=field)
    # One spelling, one id: not also "User:07", nor base64 with padding, other signs or bits that nobody reads.
    if value != to_global_id(type_name, int(number)):
        raise NotFound(field=field)
    return type_name, int(number)


def pk_of(value: str, type_name: str, *, field: str | None = None) -> int:
    """The primary key of an id of one type. Raises `NotFound`, for the input field if one is named."""
    return from_global_id(value, type_name, field=field)[1]
