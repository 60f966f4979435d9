"""Both doors of the house for an ASGI server: HTTP and WebSocket."""

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Before anything that touches a model: this fills Django's registry.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from config.security import before_serving  # noqa: E402
from realtime.event_streams import graphql_stream  # noqa: E402
from realtime.sockets import graphql_socket, no_such_socket  # noqa: E402

# Channels routes with Django's path(), whose types know views only.
sockets: list[Any] = [
    path("graphql", graphql_socket),  # type: ignore[arg-type]
    re_path(r"", no_such_socket),  # type: ignore[arg-type]
]
requests: list[Any] = [
    path("graphql/stream", graphql_stream),  # type: ignore[arg-type]
    re_path(r"", django_application),  # type: ignore[arg-type]
]
# Servers import this inside their loop, where Django asks nothing of a database.
with ThreadPoolExecutor(1) as apart:
    apart.submit(before_serving).result()
# What is loaded stays: it need not be looked through each time that garbage is collected, while thousands wait.
gc.collect()
gc.freeze()

application = ProtocolTypeRouter(
    {
        "http": URLRouter(requests),
        "websocket": URLRouter(sockets),
    }
)
