"""Hosts of strangers on this machine, the names that lead to them, and a canary that nobody may ever call."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import httpcore

from media.remote import reach
from media.remote.reach import Reach
from tests.media.sent import picture

#: An address that anybody could have, and at which tests put their hosts.
PUBLIC, PUBLIC_6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
PICTURE = picture()

#: The authorities that a fetch trusts by default; read once, for they are many.
TRUSTED = httpcore.default_ssl_context()

Answer = Callable[[socket.socket], None]


def says(status: str = "200 OK", *headers: str, body: bytes = b"") -> Answer:
    """An answer, to the letter."""
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""])
    return lambda line: line.sendall(head.encode("latin-1") + body)


def shows(body: bytes = PICTURE, content_type: str = "image/png", *more: str) -> Answer:
    """A picture."""
    return says("200 OK", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *more, body=body)


def leads(to: str, status: str = "302 Found") -> Answer:
    """A redirect."""
    return says(status, f"Location: {to}", "Content-Length: 0")


def drips(first: bytes, drop: bytes = b"x", every: float = 0.05) -> Answer:
    """Something that never ends, a little at a time."""

    def answer(line: socket.socket) -> None:
        line.sendall(first)
        while True:
            line.sendall(drop)
            time.sleep(every)

    return answer


class Host:
    """A server on loopback: whoever calls is counted and has its answer by the path; with TLS where it has a context."""

    def __init__(
        self, answers: dict[str, Answer], *, at: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ):
        self.answers, self._tls = answers, tls
        family = socket.AF_INET6 if ":" in at else socket.AF_INET
        self._listener = socket.create_server((at, 0), family=family, backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self.calls = 0
        self.requests: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Nobody gets through any more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                self.calls += 1
                threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        line.settimeout(10)
        with contextlib.suppress(OSError):
            if self._tls:
                line = self._tls.wrap_socket(line, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                data = line.recv(4096)
                if not data:
                    return
                head += data
            self.requests.append(head.decode("latin-1"))
            self.answers.get(head.split(b" ")[1].decode(), says("404 Not Found", "Content-Length: 0"))(line)
        line.close()


@dataclass
class World:
    """Names, the addresses that they have, and which of those are hosts of ours; all others are this machine's own."""

    canaries: tuple[Host, Host]
    names: dict[str, Sequence[str]] = field(default_factory=dict)
    ports: dict[tuple[str, int], int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    called: list[tuple[str, int]] = field(default_factory=list)

    def puts(self, host: Host, name: str, address: str = PUBLIC, port: int = 80) -> None:
        """A host has a name, an address and a port of the internet."""
        self.names[name] = (address,)
        self.ports[address, port] = host.port

    def reach(self, **changed: object) -> Reach:
        """A reach that judges as the real one, and asks our names first; whom it calls that is no host is a canary."""
        known: dict[str, object] = {"resolve": self._resolve, "connect": self._connect, "tls": TRUSTED}
        return Reach(**{**known, **changed})  # type: ignore[arg-type]

    def untouched(self) -> bool:
        """Whether nobody was called at all, the canaries least of all."""
        return not self.called and not any(canary.calls for canary in self.canaries)

    def _resolve(self, host: str, seconds: float) -> Sequence[str]:
        self.asked.append(host)
        return self.names[host] if host in self.names else reach.resolve(host, seconds)

    def _connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        self.called.append((address, port))
        if (address, port) in self.ports:
            return reach.connect("127.0.0.1", self.ports[address, port], seconds)
        canary = self.canaries[1 if ":" in address and "." not in address else 0]
        return reach.connect(address, canary.port, seconds)


@contextlib.contextmanager
def host(answers: dict[str, Answer], **more: object) -> Iterator[Host]:
    """A host, for as long as the block runs."""
    made = partial(Host, answers)(**more)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.close()


@contextlib.contextmanager
def world() -> Iterator[World]:
    """The internet of one test."""
    with host({"/": shows()}) as canary, host({"/": shows()}, at="::1") as canary_6:
        yield World((canary, canary_6))
