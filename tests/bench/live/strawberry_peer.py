"""The peer in Python: strawberry's own consumer over Channels' Redis layer, as both documentations say.

It stands alone and not in the project's settings, so that it measures the libraries and nothing of ours.
"""

import enum
import os
from collections.abc import AsyncGenerator
from typing import Any

from django.conf import settings

settings.configure(
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["REDIS_URL"]]},
        }
    }
)

import strawberry  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402
from strawberry.channels import GraphQLWSConsumer  # noqa: E402


@strawberry.enum
class TaskState(enum.Enum):
    OPEN = "OPEN"
    CLAIMED = "CLAIMED"
    SUBMITTED = "SUBMITTED"
    DONE = "DONE"
    CLOSED = "CLOSED"


@strawberry.type
class Task:
    id: strawberry.ID
    title: str
    state: TaskState
    open_slots: int


@strawberry.interface
class BoardEvent:
    cursor: str
    #: Ready as it comes: a datetime would be read and written for each socket.
    occurred_at: str


@strawberry.type
class TaskEdited(BoardEvent):
    task: Task | None


@strawberry.type
class Query:
    is_there: bool = True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def board_events(
        self, info: strawberry.Info[Any, Any], board_id: strawberry.ID
    ) -> AsyncGenerator[BoardEvent, None]:
        """What happens on a board."""
        async with info.context["ws"].listen_to_channel("board.event", groups=[f"board.{board_id}"]) as told:
            async for message in told:
                event = message["event"]
                task = event["task"]
                yield TaskEdited(
                    cursor=event["cursor"],
                    occurred_at=event["occurredAt"],
                    task=Task(
                        id=task["id"],
                        title=task["title"],
                        state=TaskState(task["state"]),
                        open_slots=task["openSlots"],
                    ),
                )


schema = strawberry.Schema(query=Query, subscription=Subscription, types=[TaskEdited])
# Channels routes with Django's path(), whose types know views only.
sockets: list[Any] = [path("graphql", GraphQLWSConsumer.as_asgi(schema=schema))]  # type: ignore[arg-type]
application = ProtocolTypeRouter({"websocket": URLRouter(sockets)})
