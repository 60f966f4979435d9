"""One client's way to the servers over HTTP: a connection that is kept while it lasts, and then another."""

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import orjson

from tests.chaos.fleet import Worker

_PATIENCE = 15.0


class NoAnswer(Exception):
    """What was asked may have been done or not: nobody said."""


class Nobody(NoAnswer):
    """There was no server to ask, so nothing was done."""


class Door:
    """Asks GraphQL of any server that lives, one question after the other."""

    def __init__(self, servers: Callable[[], Sequence[Worker]], chance: Random) -> None:
        self._servers = servers
        self._chance = chance
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, query: str, variables: dict[str, Any], token: str = "") -> dict[str, Any]:
        """The data of an answer without errors. Raises `NoAnswer`: then it is not known what became of it."""
        body = orjson.dumps({"query": query, "variables": variables})
        bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n{bearer}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = orjson.loads(await self._exchange(head.encode() + body))
        except ConnectionRefusedError:
            raise Nobody("nobody there") from None
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise NoAnswer(type(error).__name__) from None
        except BaseException:
            # Somebody else's answer would come next.
            self.close()
            raise
        if "errors" in answer:
            raise NoAnswer(answer["errors"][0].get("extensions", {}).get("code", "errors"))
        data: dict[str, Any] = answer["data"]
        return data

    def close(self) -> None:
        """The connection ends; the next question opens another."""
        if self._streams:
            self._streams[1].transport.abort()
            self._streams = None

    async def _exchange(self, request: bytes) -> bytes:
        if self._streams is None:
            servers = self._servers()
            if not servers:
                raise ConnectionRefusedError
            self._streams = await asyncio.open_connection("127.0.0.1", self._chance.choice(servers).port)
        reader, writer = self._streams
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
