"""One client's place in one stream, and what the hub wants of whoever holds it."""

from typing import Protocol

from schema.context import Asker
from schema.subscriptions import Wanted
from schema.tellings import Telling, Told


class Way(Protocol):
    """Where messages to a client leave."""

    #: Whether one would leave at once.
    is_clear: bool

    def look(self) -> None:
        """Now and then: whether it is still a way to anybody."""
        ...


class Client(Protocol):
    """Whoever is told: a socket, or a stream of server-sent events."""

    #: Who it is; None for nobody.
    asker: Asker | None

    @property
    def outlet(self) -> "Way":
        """The way out to it."""
        ...

    def tell(self, subscription: "Subscription", told: Told) -> None:
        """The next of a subscription, or its last."""
        ...

    def forbid(self) -> None:
        """Its session has ended: nothing of it goes on."""
        ...


class Subscription:
    """A place in a stream: what was seen, and by whom. However far behind it is, it holds no more than that."""

    __slots__ = ("_outlet", "asker", "client", "is_live", "name", "seen", "telling", "wanted")

    def __init__(self, client: Client, name: str, wanted: Wanted, telling: Telling) -> None:
        self.client = client
        self._outlet = client.outlet
        #: What the client calls it, as JSON.
        self.name = name
        self.wanted = wanted
        self.telling = telling
        self.asker = client.asker
        #: The number of the last event that it was told, or that is none of its kinds.
        self.seen = 0
        #: Whether it is told anything: not before it was admitted, and never again once it is over.
        self.is_live = False

    @property
    def is_ready(self) -> bool:
        """Whether something could be told now."""
        return self.is_live and self._outlet.is_clear

    def tell(self, told: Told) -> None:
        """Hand it to the client."""
        self.client.tell(self, told)
