"""As much of WebSocket as a client needs that trusts its server: no fragments, no extensions, and a mask of zeros."""

import base64
import os

TEXT, CLOSE, PING = 0x81, 0x88, 0x89
_PONG = 0x8A
_MASKED = 0x80


def handshake(port: int, path: str, subprotocol: str | None) -> bytes:
    """The request that opens a socket."""
    key = base64.b64encode(os.urandom(16)).decode()
    wanted = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{wanted}\r\n"
    ).encode()


def text(message: bytes) -> bytes:
    """The frame of a message that a client says."""
    return _frame(TEXT, message)


def pong(payload: bytes) -> bytes:
    """The answer to a ping."""
    return _frame(_PONG, payload)


def split(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole frames at the front of what a server sent, each with its first byte, and what is left."""
    found = []
    at, end = 0, len(data)
    while end - at >= 2:
        size, start = data[at + 1], at + 2
        if size == 126:
            start += 2
        elif size == 127:
            start += 8
        if start > end:
            break
        if start > at + 2:
            size = int.from_bytes(data[at + 2 : start], "big")
        if start + size > end:
            break
        found.append((data[at], data[start : start + size]))
        at = start + size
    return found, data[at:]


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    long = b"" if size < 126 else size.to_bytes(2, "big")
    return bytes((first, _MASKED | (126 if long else size))) + long + bytes(4) + payload
