"""A client that says what it must to be told something, and then reads nothing: neither messages nor pings."""

import json
import socket
from types import TracebackType
from typing import Any, Self

from tests.serving import Server
from tests.sockets import PROTOCOL

_HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
)


class Deaf:
    """A connection whose system takes no more than some KiB for it."""

    def __init__(self, server: Server, query: str, **variables: Any) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Before it is connected: how much may be on its way is agreed on then.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(10)
        self._socket.connect(("127.0.0.1", server.port()))
        self._socket.sendall(_HANDSHAKE.encode())
        self._came = b""
        while b"\r\n\r\n" not in self._came:
            self._came += self._socket.recv(1024)
        self._came = self._came.partition(b"\r\n\r\n")[2]
        self._say(type="connection_init")
        self._say(type="subscribe", id="1", payload={"query": query, "variables": variables})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def read_to_the_end(self) -> list[dict[str, Any]]:
        """The whole messages of all that still arrives, once it has been cut."""
        try:
            while part := self._socket.recv(65_536):
                self._came += part
        except ConnectionError:
            pass
        found = []
        while (frame := self._frame()) is not None:
            kind, content = frame
            if kind == 1:
                found.append(json.loads(content))
        return found

    def _say(self, **message: Any) -> None:
        text = json.dumps(message).encode()
        # Masked, as a client must, by what changes nothing.
        self._socket.sendall(b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4) + text)

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame: its opcode, and what is in it."""
        came = self._came
        if len(came) < 2:
            return None
        length, begin = came[1] & 127, 2
        if length > 125:
            begin += 2 if length == 126 else 8
            length = int.from_bytes(came[2:begin], "big")
        if len(came) < begin + length:
            return None
        self._came = came[begin + length :]
        return came[0] & 15, came[begin : begin + length]
