"""`/open-data/…`: what there is of datasets, for people and for programs; the files are in the store of media."""

import hashlib
from datetime import date
from typing import Any

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path, register_converter
from django.urls.converters import get_converters
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from media.storage import store
from schema.datasets.catalogues import catalogue
from schema.datasets.licences import LICENCES
from schema.datasets.models import Version

_PACKAGE = "datapackage.json"
_JSON_LD = "application/ld+json"
#: Seconds for which anybody may keep an answer; a new version comes once a day.
_KEPT = 300
#: Our own style sheet and nothing else; in nobody's frame.
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class Day:
    """A day in an address, as ISO 8601 writes it."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The day. Raises `ValueError` where there is no such day, which is a 404."""
        day = parse_date(value)
        if day is None:
            raise ValueError
        return day

    def to_url(self, value: date) -> str:
        """As it is written."""
        return f"{value:%Y-%m-%d}"


@require_safe
def open_data(request: HttpRequest) -> HttpResponseBase:
    """The list of all versions: a page, or for whoever asks for JSON-LD the catalogue."""
    if request.get_preferred_type(["text/html", _JSON_LD, "application/json"]) in (
        _JSON_LD,
        "application/json",
    ):
        response = _catalogue(request)
    else:
        page = render_to_string("open_data/page.html", _told())
        response = _answer(request, page.encode(), "text/html; charset=utf-8")
        response["Content-Security-Policy"] = _POLICY
    patch_vary_headers(response, ["Accept"])
    return response


@require_safe
def catalogue_jsonld(request: HttpRequest) -> HttpResponseBase:
    """The same as DCAT 3 in JSON-LD."""
    return _catalogue(request)


@require_safe
def latest(request: HttpRequest, name: str) -> HttpResponseBase:
    """Leads to a file of the newest version, at its own address: so what is read together is of one version."""
    version = Version.objects.defer("package").first()
    if version is None or not (name == _PACKAGE or name in version.keys):
        raise Http404
    return _led(f"/open-data/{version}/{name}", seconds=_KEPT)


@require_safe
def published_file(request: HttpRequest, day: date, name: str) -> HttpResponseBase:
    """`datapackage.json` of a version, or the way to one of its files in the store."""
    version = Version.objects.filter(day=day).first()
    if version is None:
        raise Http404
    if name == _PACKAGE:
        return _answer(request, version.package.encode(), "application/json")
    if name not in version.keys:
        raise Http404
    # Its key is of its bytes; only a version that was made again has others.
    return _led(store().public_address(version.keys[name]), seconds=_KEPT)


if "day" not in get_converters():
    register_converter(Day, "day")
urlpatterns = [
    path("", open_data),
    path("catalog.jsonld", catalogue_jsonld),
    path("latest/<str:name>", latest),
    path("<day:day>/<str:name>", published_file),
]


def _told() -> dict[str, Any]:
    """What the page shows."""
    versions = list(Version.objects.all())
    newest = versions[0] if versions else None
    return {
        "newest": newest,
        "older": versions[1:],
        "licence": LICENCES[newest.licence if newest else settings.OPEN_DATA_LICENCE],
        "tables": newest.tables if newest else [],
        "site": settings.SITE_URL,
    }


def _catalogue(request: HttpRequest) -> HttpResponse:
    said = catalogue(list(Version.objects.all()), site=settings.SITE_URL)
    return _answer(request, orjson.dumps(said, option=orjson.OPT_INDENT_2), _JSON_LD)


def _answer(request: HttpRequest, body: bytes, content_type: str) -> HttpResponse:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=content_type)
    response["ETag"] = tag
    response = get_conditional_response(request, etag=tag, response=response) or response
    return _open(response)


def _led(address: str, *, seconds: int) -> HttpResponse:
    return _open(HttpResponseRedirect(address), seconds=seconds)


def _open(response: HttpResponse, *, seconds: int = _KEPT) -> HttpResponse:
    response["Cache-Control"] = f"public, max-age={seconds}"
    # It is everybody's: a page of anybody may read it in its visitor's browser, where it sends no cookie.
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
