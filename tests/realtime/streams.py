"""A client of server-sent events that reads what comes, and says what it should not."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from tests.asking import operations
from tests.clients import Person
from tests.serving import Server, eventually

EVENTS = {"Accept": "text/event-stream"}


class EventStream:
    """One request to `/graphql/stream`, and the events that have come; `cursors` are their ids."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.events: list[tuple[str, Any]] = []
        self.cursors: list[str] = []
        self.comments = 0
        self.is_over = False
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def told(self, count: int, seconds: float = 5) -> list[dict[str, Any]]:
        """The values of the first so many events; fails when more have come, or errors."""
        eventually(lambda: len(self.events) >= count, seconds)
        assert len(self.events) == count and all(kind == "next" for kind, _ in self.events), self.events
        return [value for _, answer in self.events for value in answer["data"].values()]

    def refusal(self, seconds: float = 5) -> str:
        """The code of the error that ends it, and nothing came after."""
        eventually(lambda: self.is_over, seconds)
        (kind, answer), last = self.events[-2:]
        assert kind == "next" and "data" not in answer and last == ("complete", None), self.events
        return answer["errors"][0]["extensions"]["code"]

    def close(self) -> None:
        """Go away, also while something is read: closing alone would wait for that."""
        with suppress(OSError):
            self.response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._reading.join(timeout=5)

    def _read(self) -> None:
        event, data = "", ""
        try:
            for line in self.response.iter_lines():
                name, _, value = line.partition(":")
                match name:
                    case "event":
                        event = value.strip()
                    case "data":
                        data += value
                    case "id":
                        self.cursors.append(value.strip())
                    case "":
                        self.comments += line.startswith(":")
                        if event:
                            self.events.append((event, json.loads(data) if data.strip() else None))
                        event, data = "", ""
        except httpx.HTTPError:
            pass  # Closed by the test, or cut by the server.
        self.is_over = True


@contextmanager
def stream(
    server: Server, operation: str, person: Person | None = None, *, headers: Any = None, **variables: Any
) -> Iterator[EventStream]:
    """Follow one of our clients' subscriptions."""
    token = {"Authorization": f"Bearer {person.token}"} if person else {}
    question = {"query": operations()[operation], "variables": variables}
    with (
        httpx.Client(trust_env=False, timeout=30) as client,
        client.stream(
            "POST",
            f"{server.http}/graphql/stream",
            json=question,
            headers=EVENTS | token | (headers or {}),
        ) as response,
    ):
        assert response.status_code == 200, response.read()
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        events = EventStream(response)
        try:
            yield events
        finally:
            events.close()
