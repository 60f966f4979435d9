"""`/media/…`: what browsers need of a store that is a folder; with MEDIA_BUCKET the bucket answers, and here is nothing.

Who may is said by whoever signed the form or the address (`media.storage.signatures`). No cookie and no key is read here,
so another site's page has nothing to borrow, and what receives needs no token against it (CSRF).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from multipart import MultipartError, PushMultipartParser, parse_options_header

from config.serving import served
from media.storage import folder
from media.storage.disk import NotAsAnnounced
from media.storage.folder import ArrivedAlready, Folder
from media.storage.names import disposition
from media.storage.port import Missing, StorageAway
from media.storage.signatures import FILE, FORM, PART, SIGNATURE, Forged, announced_in, check
from schema.origins import is_allowed

_BUFFER = 256 * 1024
#: What a form may be longer than its file, and one of its values long.
_AROUND, _LONGEST = 64 * 1024, 4096
#: Of a body that is refused so much is read, so that its sender comes to read why.
_PATIENCE = 1024 * 1024
_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    Forged: (403, "This was not signed for this, or it has run out.\n"),
    NotAsAnnounced: (403, "This is not what was announced.\n"),
    ArrivedAlready: (409, "It has arrived already.\n"),
    Missing: (404, "There is no such thing.\n"),
    StorageAway: (503, "It cannot be kept now; try again.\n"),
}

Receiving = Callable[["Body", Folder], HttpResponse]
View = Callable[..., HttpResponseBase]


class Unreadable(Exception):
    """The request is not what its view takes."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        super().__init__(f"{why}\n")


class Body:
    """The body of one request, which is read while it arrives."""

    def __init__(self, request: HttpRequest) -> None:
        length = request.META.get("CONTENT_LENGTH") or ""
        if not (length.isascii() and length.isdecimal() and len(length) < 20):
            raise Unreadable(411, "Say how long it is: Content-Length.")
        self.request = request
        self.length = self.left = int(length)

    def chunks(self) -> Iterator[bytes]:
        """All of it. Raises `Unreadable` where it ends before its length."""
        while self.left:
            try:
                chunk = self.request.read(min(self.left, _BUFFER))
            except OSError:
                chunk = b""
            if not chunk:
                self.left = 0
                raise Unreadable(400, "The body ends before its length.")
            self.left -= len(chunk)
            yield chunk


def receives(*methods: str) -> Callable[[Receiving], View]:
    """Makes a view of what receives: it answers every refusal, and tells browsers whose pages may send."""

    def decorated(receive: Receiving) -> View:
        @csrf_exempt
        @require_http_methods([*methods, "OPTIONS"])
        @wraps(receive)
        def view(request: HttpRequest) -> HttpResponseBase:
            store = _store()
            if request.method == "OPTIONS":
                response = HttpResponse(status=204)
                response["Access-Control-Allow-Methods"] = ", ".join(methods)
                response["Access-Control-Allow-Headers"] = "Content-Type"
                response["Access-Control-Max-Age"] = "7200"
            else:
                response = _answered(receive, request, store)
            response["Cache-Control"] = "no-store"
            return _shared(request, response)

        return view

    return decorated


@receives("POST")
def uploads(body: Body, store: Folder) -> HttpResponse:
    """204 where the form was signed here and its file is what was announced; else 403, 409, 400, 411, and nothing kept."""
    events = _parsed(body)
    fields: dict[str, str] = {}
    for segment in events:
        if segment.name != "file":
            if segment.name in fields:
                raise Forged
            fields[segment.name] = _text(iter(events.__next__, None))
            continue
        announced = announced_in(fields)
        if body.length > announced.byte_size + _AROUND:
            raise NotAsAnnounced
        store.refuse_twice(announced.key)
        with store.arriving(announced.byte_size) as came:
            for chunk in iter(events.__next__, None):
                came.write(chunk)
            if next(events, None) is not None:
                # It would be read by nobody, and was never signed.
                raise Forged
            store.keep(announced, came)
        return HttpResponse(status=204)
    raise Forged


@receives("PUT")
def parts(body: Body, store: Folder) -> HttpResponse:
    """200 and the ETag of a part, where the address was signed here for one of this size."""
    said = _query(body.request, PART)
    check(PART, said)
    if body.length != int(said["byte-size"]):
        raise NotAsAnnounced
    with store.arriving(body.length) as came:
        for chunk in body.chunks():
            came.write(chunk)
        tag = store.keep_part(said["key"], said["upload-id"], int(said["number"]), came)
    return HttpResponse(headers={"ETag": tag})


@require_safe
def public(request: HttpRequest, key: str) -> HttpResponseBase:
    """What anybody may see; a name is made of its bytes, so what it names never changes."""
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": "*",
    }
    return _served(request, key, headers)


@require_safe
def private(request: HttpRequest, key: str) -> HttpResponseBase:
    """A download for whoever has an address that was signed here and has not run out; 403 for any other."""
    try:
        said = _query(request, FILE[1:]) | {"key": key}
        check(FILE, said)
    except Forged as forged:
        return _refusal(forged)
    headers = {"Cache-Control": "private, no-store"}
    if said["filename"]:
        headers["Content-Disposition"] = disposition(key, said["filename"])
    return _shared(request, _served(request, key, headers))


urlpatterns = [
    path("uploads", uploads),
    path("parts", parts),
    re_path(r"^(?P<key>(?:public|open-data)/.+)$", public),
    re_path(r"^(?P<key>private/.+)$", private),
]


def _store() -> Folder:
    if settings.MEDIA_BUCKET:
        raise Http404
    return folder()


def _answered(receive: Receiving, request: HttpRequest, store: Folder) -> HttpResponse:
    body = None
    try:
        body = Body(request)
        return receive(body, store)
    except Unreadable as unreadable:
        refusal = HttpResponse(str(unreadable), status=unreadable.status, content_type="text/plain")
    except (MultipartError, UnicodeDecodeError):
        refusal = HttpResponse("This is no form.\n", status=400, content_type="text/plain")
    except tuple(_REFUSALS) as refused:
        refusal = _refusal(refused)
    if body is not None and body.left <= _PATIENCE:
        with suppress(Unreadable):
            for _ in body.chunks():
                pass
    return refusal


def _refusal(refused: Exception) -> HttpResponse:
    status, why = _REFUSALS[type(refused)]
    response = HttpResponse(why, status=status, content_type="text/plain")
    if status == 503:
        response["Retry-After"] = "3"
    return response


def _parsed(body: Body) -> Iterator[Any]:
    """Of each part of a form: what its head says, its bytes in pieces, then None (RFC 7578, to the letter)."""
    kind, options = parse_options_header(body.request.META.get("CONTENT_TYPE", ""))
    if kind != "multipart/form-data":
        raise Unreadable(400, "Send multipart/form-data.")
    with PushMultipartParser(
        options.get("boundary", ""),
        content_length=body.length,
        # The fields, the file, and one that would be too many.
        max_segment_count=len(FORM) + 3,
        strict=True,
    ) as parser:
        for chunk in body.chunks():
            yield from parser.parse(chunk)


def _text(pieces: Iterable[bytes]) -> str:
    value = b""
    for piece in pieces:
        value += piece
        if len(value) > _LONGEST:
            raise Forged
    return value.decode()


def _query(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    said = {name: request.GET.getlist(name) for name in request.GET}
    if said.keys() != {*names, SIGNATURE} or any(len(values) != 1 for values in said.values()):
        raise Forged
    return {name: values[0] for name, values in said.items()}


def _served(request: HttpRequest, key: str, headers: dict[str, str]) -> HttpResponseBase:
    try:
        return served(request, _store(), key, headers)
    except Missing:
        raise Http404 from None
    except StorageAway as away:
        return _refusal(away)


def _shared(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response["Vary"] = "Origin"
    origin = request.headers.get("Origin", "")
    if origin and is_allowed(origin):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    return response
