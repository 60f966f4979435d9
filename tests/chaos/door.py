"""One client's way to the servers over HTTP, as a proxy goes it: to any that lives, on connections that are kept."""

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import orjson

from tests.chaos.fleet import Worker

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_PATIENCE = 15.0


class NoAnswer(Exception):
    """What was asked may have been done or not: nobody said."""


class Nobody(NoAnswer):
    """There was no server to ask, so nothing was done."""


class Door:
    """Asks GraphQL, one question after the other, each of any server that lives."""

    def __init__(self, servers: Callable[[], Sequence[Worker]], chance: Random) -> None:
        self._servers = servers
        self._chance = chance
        self._kept: dict[Worker, Streams] = {}

    async def ask(self, query: str, variables: dict[str, Any], token: str = "") -> dict[str, Any]:
        """The data of an answer without errors. Raises `NoAnswer`: then it is not known what became of it."""
        body = orjson.dumps({"query": query, "variables": variables})
        bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n{bearer}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        if not (servers := self._servers()):
            raise Nobody("nobody there")
        server = self._chance.choice(servers)
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = orjson.loads(await self._exchange(server, head.encode() + body))
        except ConnectionRefusedError:
            raise Nobody("nobody there") from None
        except (OSError, EOFError, ValueError) as error:
            self._drop(server)
            raise NoAnswer(type(error).__name__) from None
        except BaseException:
            # Somebody else's answer would come next.
            self._drop(server)
            raise
        if "errors" in answer:
            raise NoAnswer(answer["errors"][0].get("extensions", {}).get("code", "errors"))
        data: dict[str, Any] = answer["data"]
        return data

    def close(self) -> None:
        """All connections end."""
        for server in [*self._kept]:
            self._drop(server)

    def _drop(self, server: Worker) -> None:
        if streams := self._kept.pop(server, None):
            streams[1].transport.abort()

    async def _exchange(self, server: Worker, request: bytes) -> bytes:
        if server in self._kept and self._kept[server][0].at_eof():
            # The server lets idle connections go.
            self._drop(server)
        if server not in self._kept:
            self._kept[server] = await asyncio.open_connection("127.0.0.1", server.port)
        reader, writer = self._kept[server]
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, length = head.partition(b"content-length: ")
        if length:
            return await reader.readexactly(int(length.partition(b"\r\n")[0]))
        return await _chunks(reader)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    # How uvicorn sends what comes without a length (RFC 9112, 7.1).
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body
