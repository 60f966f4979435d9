"""Whether all servers tell the same, before it matters at what cost they tell it."""

from collections.abc import Sequence
from typing import Any

from tests.bench.live.events import OWN, event_in
from tests.bench.live.servers import Pushing
from tests.bench.live.windows import Bench

_SOCKETS, _EVENTS = 5, 4
#: Sizes of one message may differ by so much: spaces, the digits of a fraction of a second.
_BYTES_MAY_DIFFER = 0.08


def refuse_differences(bench: Bench, servers: Sequence[type[Pushing]]) -> None:
    """Lets each tell a few events and compares fields, types and sizes. Raises `SystemExit` with the first difference."""
    reference: tuple[str, Any, float] | None = None
    for server in servers:
        told = _told_by(bench, server)
        for event in told:
            own = [event["task"].pop(name, None) for name in OWN if event["task"]]
            if bool(server.document and "viewerCan" in server.document) != isinstance(own[-1], list):
                raise SystemExit(f"{server.name} tells what a task is to a viewer: {own}")
        shapes = [_shape(event) for event in told]
        size = sum(len(repr(event)) for event in told) / len(told)
        name, shape, expected = reference = reference or (server.name, shapes[0], size)
        for other in shapes:
            if other != shape:
                raise SystemExit(
                    f"An event has another shape:\n  {name:16}{shape}\n  {server.name:16}{other}"
                )
        if abs(size - expected) > _BYTES_MAY_DIFFER * expected:
            raise SystemExit(f"An event of {name} has {expected:.0f} characters, of {server.name} {size:.0f}")
        print(f"  {server.name:16}the same fields in {size:.0f} characters", flush=True)


def _told_by(bench: Bench, kind: type[Pushing]) -> list[dict[str, Any]]:
    with kind(bench.environment, bench.folder) as server, bench.client() as client:
        bench.subscribe(server, client, _SOCKETS, range(1, 2))
        client.ask(do="begin")
        bench.publisher(server.publisher).ask(boards=[1], events=_EVENTS, rate=10)
        found = client.ask(do="gather", expected=_SOCKETS * _EVENTS, silence=3)
        if found["deliveries"] != _SOCKETS * _EVENTS or found["wrong"]:
            raise SystemExit(
                f"{server.name} made {found['deliveries']} deliveries of {_SOCKETS * _EVENTS}: {found['strange']}"
            )
        messages = client.ask(do="messages")["messages"]
    return [event for message in messages if (event := event_in(message.encode()))]


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: value[name] if name == "__typename" else _shape(value[name]) for name in value}
    return type(value).__name__
