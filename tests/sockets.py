"""A client's socket that sends what it is told to, also what graphql-transport-ws forbids."""

import itertools
import json
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.asking import operations
from tests.clients import Person
from tests.serving import Server

PROTOCOL = "graphql-transport-ws"


class Silence(AssertionError):
    """Nothing more came in time."""


class Socket:
    """One socket to a server. Every wait has an end, and fails with all that came until then."""

    def __init__(
        self,
        server: Server,
        person: Person | None = None,
        *,
        greet: bool = True,
        subprotocols: tuple[str, ...] = (PROTOCOL,),
        **options: Any,
    ) -> None:
        self._connection = connect(
            options.pop("url", server.ws),
            subprotocols=subprotocols or None,
            proxy=None,
            compression=None,
            close_timeout=2,
            **options,
        )
        self._wire = self._connection.__enter__()
        self._ids = (f"operation-{number}" for number in itertools.count(1))
        self._aside: list[dict[str, Any]] = []
        #: All frames that came, in their order.
        self.came: list[dict[str, Any]] = []
        if greet:
            self.greet(person.token if person else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.__exit__(kind, error, trace)

    def greet(self, token: str | None = None) -> None:
        """The handshake of the protocol, with a token or as nobody."""
        payload = {"payload": {"Authorization": f"Bearer {token}"}} if token else {}
        self.say(type="connection_init", **payload)
        assert self.hear() == {"type": "connection_ack"}

    def say(self, **message: Any) -> None:
        """Send one message."""
        self.send(json.dumps(message))

    def send(self, frame: Any) -> None:
        """Send a frame as it is: a text, bytes, or several of them as the fragments of one message."""
        # Once the server has closed, that is for `hear` and `ending` to say.
        with suppress(ConnectionClosed):
            self._wire.send(frame)

    def subscribe(self, operation: str, *, id: str | None = None, **variables: Any) -> str:
        """Begin one of our clients' subscriptions; its id."""
        id = id or next(self._ids)
        self.say(id=id, type="subscribe", payload={"query": operations()[operation], "variables": variables})
        return id

    def hear(self, seconds: float = 5) -> dict[str, Any]:
        """The next frame."""
        try:
            message: dict[str, Any] = json.loads(self._wire.recv(timeout=seconds))
        except TimeoutError:
            raise Silence(f"nothing for {seconds} s; before: {self.came}") from None
        except ConnectionClosed as end:
            raise AssertionError(f"closed with {end.rcvd}; before: {self.came}") from None
        self.came.append(message)
        return message

    def answer(self, id: str, seconds: float = 5) -> dict[str, Any]:
        """The next frame of one operation; those of others are kept for whoever asks for them."""
        for message in self._aside:
            if message.get("id") == id:
                self._aside.remove(message)
                return message
        deadline = time.monotonic() + seconds
        while (message := self.hear(max(0.01, deadline - time.monotonic()))).get("id") != id:
            self._aside.append(message)
        return message

    def events(self, id: str, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """The next so many events of a subscription: the value of its one field."""
        deadline = time.monotonic() + seconds
        events = []
        while len(events) < count:
            message = self.answer(id, max(0.01, deadline - time.monotonic()))
            assert message["type"] == "next" and "errors" not in message["payload"], message
            events.extend(message["payload"]["data"].values())
        return events

    def refusal(self, id: str, seconds: float = 5) -> str:
        """The code of the error that ends an operation."""
        message = self.answer(id, seconds)
        assert message["type"] == "error", message
        return message["payload"][0]["extensions"]["code"]

    def is_alive(self) -> None:
        """Fails unless the server still answers here."""
        self.say(type="ping")
        while (message := self.hear()) != {"type": "pong"}:
            self._aside.append(message)

    def stays_quiet(self, seconds: float = 0.5) -> None:
        """Fails when a frame comes, or has come that nobody asked for."""
        assert self._aside == []
        try:
            message = self.hear(seconds)
        except Silence:
            return
        raise AssertionError(f"{message} came, after {self.came[:-1]}")

    def ending(self, seconds: float = 1) -> tuple[int, str]:
        """The code and the reason with which the server closes, and what came before is in `came`."""
        deadline = time.monotonic() + seconds
        try:
            while True:
                self.came.append(json.loads(self._wire.recv(timeout=max(0.01, deadline - time.monotonic()))))
        except ConnectionClosed as end:
            assert end.rcvd is not None, f"cut without a word, after {self.came}"
            return end.rcvd.code, end.rcvd.reason
        except TimeoutError:
            raise Silence(f"still open after {seconds} s; before: {self.came}") from None
