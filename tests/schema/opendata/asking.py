"""Ask open data as anybody does: a document over HTTP, through the whole of Django."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from schema.media_types import RESPONSE_JSON
from schema.opendata.answers import answers
from schema.opendata.door import PATH
from schema.opendata.role import DATABASE

_client = Client(raise_request_exception=False)


def ask(document: str, /, **variables: Any) -> dict[str, Any]:
    """The answer to a document, whatever its status; without its cost."""
    answer: dict[str, Any] = json.loads(post({"query": document, "variables": variables}).content)
    answer.pop("extensions", None)
    return answer


def data(document: str, /, **variables: Any) -> dict[str, Any]:
    """What a document that holds is answered."""
    answer = ask(document, **variables)
    assert "errors" not in answer, answer
    return answer["data"]


def codes(document: str, /, **variables: Any) -> list[str]:
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in ask(document, **variables).get("errors", ())]


def post(body: Any, **headers: str) -> HttpResponse:
    """What HTTP answers to a body: an object is sent as JSON, bytes and texts as they are."""
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    kept = {"Accept": RESPONSE_JSON} | headers
    return _client.generic("POST", PATH, body, content_type="application/json", headers=kept)


def get(document: str, /, variables: Any = None, **headers: str) -> HttpResponse:
    """What HTTP answers to an address."""
    asked = {"query": document} | ({"variables": json.dumps(variables)} if variables else {})
    return _client.get(f"{PATH}?{urlencode(asked)}", headers={"Accept": RESPONSE_JSON} | headers)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that runs inside on the connection of open data, filled in at its end."""
    said: list[str] = []
    with CaptureQueriesContext(connections[DATABASE]) as captured:
        yield said
    said.extend(each["sql"] for each in captured)


def forget() -> None:
    """No answer is kept any more."""
    client, prefix = answers()._client, answers()._prefix
    for key in client.scan_iter(f"{prefix}*"):
        client.delete(key)
