"""The limit: the `websockets` library sends ready bytes to everyone who is connected, and does nothing else.

What a board's sockets are to have comes over Redis. There is no GraphQL, no person and no database.
"""

import os
from collections import defaultdict

import uvloop
from redis.asyncio import Redis
from websockets.asyncio.server import ServerConnection, broadcast, serve


async def main() -> None:
    """Serves until it is ended."""
    sockets: defaultdict[str, set[ServerConnection]] = defaultdict(set)

    async def serve_one(socket: ServerConnection) -> None:
        assert socket.request is not None
        board = socket.request.path[1:]
        sockets[board].add(socket)
        try:
            await socket.wait_closed()
        finally:
            sockets[board].discard(socket)

    async with (
        Redis.from_url(os.environ["REDIS_URL"]) as redis,
        redis.pubsub() as told,
        serve(serve_one, "127.0.0.1", int(os.environ["PORT"]), compression=None),
    ):
        await told.psubscribe("frames:*")
        async for message in told.listen():
            if message["type"] == "pmessage":
                board = message["channel"].decode().partition(":")[2]
                broadcast(sockets[board], message["data"], text=True)


if __name__ == "__main__":
    uvloop.run(main())
