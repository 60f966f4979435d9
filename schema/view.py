"""`/graphql` as Django carries it; the WSGI server of production answers plain questions before (`config.wsgi`)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from backend.boards.models import Board
from schema.graphiql import PROJECT_SLUG, graphiql_page
from schema.ids import to_global_id
from schema.questions import LARGEST_BODY, replied


# It reads no cookie, so it needs no token against forgery: a header is nothing that another site's page could send.
def graphql(request: HttpRequest) -> HttpResponse:
    """Answer a query or a mutation; in development, show GraphiQL to a browser that asks by GET."""
    if request.method == "GET" and settings.DEVELOPMENT and "text/html" in request.headers.get("Accept", ""):
        board = Board.objects.filter(project__slug=PROJECT_SLUG).order_by("id").first()
        return graphiql_page(request, board_id=to_global_id("Board", board.pk) if board else None)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    reply = replied(
        request.read(LARGEST_BODY + 1),
        content_type=request.META.get("CONTENT_TYPE", ""),
        authorization=request.META.get("HTTP_AUTHORIZATION", ""),
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
    )
    return HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))
