"""The house's front door: `/graphql` is answered before anything that only the back office needs is set up for it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from schema.view import graphql

PATH = "/graphql"


def graphql_first(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: sessions, cookies and their tokens are read for other addresses only (ARCHITECTURE.md, decision 24)."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH:
            return get_response(request)
        request.get_host()  # Raises DisallowedHost, which is a 400.
        return graphql(request)

    return answer
