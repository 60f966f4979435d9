"""The house's front door: GraphQL is answered before anything that only the back office needs is set up for it."""

from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.request import split_domain_port

from schema.exchanges import requests
from schema.opendata.door import PATH as OPEN_DATA_PATH
from schema.opendata.view import open_data
from schema.request_ids import REQUEST_ID, request_id_of
from schema.view import graphql

PATH, OPEN_DATA = "/graphql", OPEN_DATA_PATH
#: Where files are received and served, where they are in a folder.
MEDIA = "/media/"
#: For the pages of the back office and what else is no GraphQL; GraphiQL has its own.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

Answering = Callable[[HttpRequest], HttpResponse]


def named(get_response: Answering) -> Answering:
    """Middleware: every answer carries the id that its request has in the log; what is no GraphQL gets its line here."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info in (PATH, OPEN_DATA):
            return get_response(request)
        began = perf_counter()
        request_id = request_id_of(request.META.get("HTTP_X_REQUEST_ID", ""))
        kept = REQUEST_ID.set(request_id)
        try:
            response = get_response(request)
        finally:
            REQUEST_ID.reset(kept)
        response["X-Request-Id"] = request_id
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        # The pattern and not the address: in an address stands whose page it is.
        match = request.resolver_match
        with suppress(OSError, ValueError):
            requests.info(
                "page",
                request_id=request_id,
                route=match.route if match else None,
                status=response.status_code,
                ms=round((perf_counter() - began) * 1000, 2),
            )
        return response

    return answer


def media_apart(get_response: Answering) -> Answering:
    """Middleware: on the host of MEDIA_URL there are files and nothing else, and files are nowhere else."""

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.MEDIA_HOST:
            host, _ = split_domain_port(request.get_host())
            if (host == settings.MEDIA_HOST) != request.path_info.startswith(MEDIA):
                return HttpResponseNotFound()
        return get_response(request)

    return answer


def graphql_first(get_response: Answering) -> Answering:
    """Middleware: sessions, cookies and their tokens are read for other addresses only (ARCHITECTURE.md, decision 24)."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info not in (PATH, OPEN_DATA):
            return get_response(request)
        request.get_host()  # Raises DisallowedHost, which is a 400.
        return graphql(request) if request.path_info == PATH else open_data(request)

    return answer
