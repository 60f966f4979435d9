"""What a client's frame must be, before anything in it is believed."""

import json
from typing import Any

#: Characters of a frame, and of the id of an operation.
LONGEST_FRAME = 64 * 1024
LONGEST_ID = 128


class Close(Exception):
    """The socket ends with one of the protocol's codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def message_of(text: str | None) -> dict[str, Any]:
    """The message of a text frame. Raises `Close` for what is none."""
    if text is None or len(text) > LONGEST_FRAME:
        raise Close(4400, "Invalid message")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Close(4400, "Invalid message") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Close(4400, "Invalid message")
    return message


def id_of(message: dict[str, Any]) -> str:
    """The id of the operation that a message is about. Raises `Close`."""
    id = message.get("id")
    # Half a character can be escaped into JSON, and not be sent back.
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID or not _is_whole(id):
        raise Close(4400, "Invalid message")
    return id


def object_of(message: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under a key. Raises `Close`."""
    value = message.get(key)
    if not isinstance(value, dict):
        raise Close(4400, "Invalid message")
    return value


def object_or_none(message: dict[str, Any], key: str) -> dict[str, Any] | None:
    """The same, where it may be absent."""
    return None if message.get(key) is None else object_of(message, key)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
