"""Answers that are sent a part at a time, by either kind of server."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest


def streamed(request: HttpRequest, parts: Iterator[bytes]) -> Iterator[bytes] | AsyncIterator[bytes]:
    """The parts, for a StreamingHttpResponse: under ASGI Django would else read all before it sends the first byte."""
    return _slowly(parts) if isinstance(request, ASGIRequest) else parts


async def _slowly(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (part := await _next(parts)) is not None:
        yield part


@sync_to_async
def _next(parts: Iterator[bytes]) -> bytes | None:
    return next(parts, None)
