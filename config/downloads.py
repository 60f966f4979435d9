"""`/exports/…`: the files that a signed address leads to. Whoever has the address has no header to send with it."""

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from backend.accounts.exports import export_at, parts_of
from backend.core.refusals import NotFound
from config.streams import streamed


@require_GET
def data_export(request: HttpRequest, signed: str) -> StreamingHttpResponse:
    """The zip, a part at a time; 404 for an address that is not ours, or too old, or whose owner has left."""
    try:
        export = export_at(signed)
    except NotFound:
        raise Http404 from None
    parts = parts_of(export)
    return StreamingHttpResponse(
        streamed(request, parts),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="acequia-{export.created_at:%Y-%m-%d}.zip"',
            "Content-Length": str(export.size),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            # The address is a key: no page is told where somebody came from.
            "Referrer-Policy": "no-referrer",
        },
    )
