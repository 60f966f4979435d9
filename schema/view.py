"""`/graphql` as Django carries it; the WSGI server of production answers plain questions before (`config.wsgi`)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from backend.boards.models import Board
from schema.graphiql import PROJECT_SLUG, graphiql_page
from schema.ids import to_global_id
from schema.questions import replied
from schema.requests import LARGEST_BODY


# It needs no token against forgery: a cookie counts here only with what no form, image or link of another site can send.
def graphql(request: HttpRequest) -> HttpResponse:
    """Answer one request; where GraphiQL is on, show it to a browser that comes without a question."""
    if settings.GRAPHIQL and _is_a_visit(request):
        board = Board.objects.filter(project__slug=PROJECT_SLUG).order_by("id").first()
        return graphiql_page(request, board_id=to_global_id("Board", board.pk) if board else None)
    body = request.read(LARGEST_BODY + 1) if request.method == "POST" else b""
    reply = replied(request.META, body)
    return HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))


def _is_a_visit(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and not request.META.get("QUERY_STRING")
        and "text/html" in request.headers.get("Accept", "")
    )
