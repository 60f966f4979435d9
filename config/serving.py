"""How a file of the folder is answered, whoever may have it: whole, in part, or that it is the same; and harmless."""

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response

from config.streams import streamed
from media.storage.folder import Folder

_BUFFER = 256 * 1024
#: One part of a file: its first and last byte, or how many there are to be of the last.
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))")
#: Where somebody opens it in a tab: it is no page, runs nothing, and says nowhere where it was.
_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Referrer-Policy": "no-referrer",
}


def served(request: HttpRequest, store: Folder, key: str, headers: dict[str, str]) -> HttpResponseBase:
    """What stands at a key: 200, 206, 304, 412 or 416, with these headers over ours. Raises `Missing`, `StorageAway`."""
    file, facts = store.open(key), store.facts(key)
    # The last part of a key is made of the bytes, or as good as that.
    tag = f'"{key.rpartition("/")[2].partition(".")[0]}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=tag)
    if response is None:
        response = _content(request, file, tag)
        response["Content-Type"] = facts.content_type
    if not isinstance(response, StreamingHttpResponse):
        file.close()
    said = {"Content-Disposition": facts.disposition, "ETag": tag, **_HARMLESS, **headers}
    for name, value in said.items():
        response[name] = value
    return response


def _content(request: HttpRequest, file: BinaryIO, tag: str) -> HttpResponseBase:
    size = os.fstat(file.fileno()).st_size
    part = _part(request, size, tag)
    if part is not None and not part:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    wanted = range(size) if part is None else part
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(len(wanted))}
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    file.seek(wanted.start)
    pieces = streamed(request, _pieces(file, len(wanted)))
    return StreamingHttpResponse(pieces, status=200 if part is None else 206, headers=headers)


def _part(request: HttpRequest, size: int, tag: str) -> range | None:
    """The one part that is asked for, empty where there is no such; None where all is (RFC 9110, 14.2)."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    # What is in doubt is answered with all of it.
    if request.method != "GET" or asked is None or request.headers.get("If-Range", tag) != tag:
        return None
    first, last, final = asked.groups()
    if final is not None:
        return range(max(size - int(final), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    with file:
        while left and (piece := file.read(min(_BUFFER, left))):
            left -= len(piece)
            yield piece
