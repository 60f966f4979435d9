"""`/open-data/graphql` as Django carries it; on a WSGI server plain questions are answered before (`config.wsgi`)."""

from django.http import HttpRequest, HttpResponse

from schema.opendata.door import replied
from schema.requests import LARGEST_BODY


def open_data(request: HttpRequest) -> HttpResponse:
    """Answer one request."""
    body = request.read(LARGEST_BODY + 1) if request.method == "POST" else b""
    reply = replied(request.META, body)
    return HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))
