"""Scalars that GraphQL does not have, by the names that the field knows them by."""

from typing import Any, NewType

import strawberry

#: JSON's numbers are doubles for most readers: beyond this, whole numbers run into one another (RFC 8259 §6).
_BIGGEST = 2**53 - 1


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _BIGGEST:
        raise ValueError("It is no whole number of at most 53 bits.")
    if value != int(value):
        raise ValueError("It is no whole number.")
    return int(value)


SafeInt = NewType("SafeInt", int)

#: How each is read and spelled, for the schema.
SCALARS: dict[object, Any] = {
    SafeInt: strawberry.scalar(
        name="SafeInt",
        description="A whole number of at most 53 bits, which every reader of JSON keeps exactly. `Int` ends at 31.",
        serialize=_whole,
        parse_value=_whole,
    )
}
