"""What a request asks, read from its body or its address: https://graphql.github.io/graphql-over-http/draft/#sec-Request."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from django.utils.http import parse_header_parameters

from schema.media_types import JSON
from schema.persisted import NotPersisted, persisted
from schema.preparing import refusal

#: Bytes of a request, or of an address; the longest text that an input takes fits in twice.
LARGEST_BODY = 64 * 1024
#: Finds the document that is asked, if any. Raises `NotPersisted`.
Finder = Callable[[Mapping[str, Any]], str | None]
_NO_QUERY = "Send an object whose `query` is a text."


class Unacceptable(Exception):
    """The request is not one that GraphQL can be asked by; `status` is HTTP's word for it."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "extensions": {"code": code}}
        self.headers = [(name.replace("_", "-"), text) for name, text in headers.items()]


def question_of(body: bytes, content_type: str, find: Finder = persisted) -> dict[str, Any]:
    """What the body of a POST asks. Raises `Unacceptable`, `BadRequest`."""
    if content_type != JSON:
        kind, parameters = parse_header_parameters(content_type)
        if kind != JSON or parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
            raise Unacceptable(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json, in UTF-8.")
    if len(body) > LARGEST_BODY:
        raise Unacceptable(413, "TOO_LARGE", f"A request has at most {LARGEST_BODY} bytes.")
    return _checked(_read(body), find)


def question_in(query_string: str, find: Finder = persisted) -> dict[str, Any]:
    """What an address asks: `query`, `operationName`, and `variables` and `extensions` as JSON. Raises `Unacceptable`."""
    if len(query_string) > LARGEST_BODY:
        raise Unacceptable(414, "TOO_LARGE", f"An address has at most {LARGEST_BODY} bytes.")
    try:
        # What else stands in an address is escaped (RFC 3986), and servers differ in how they read what is not.
        if not query_string.isascii():
            raise ValueError
        pairs = parse_qsl(query_string, keep_blank_values=True, max_num_fields=20, errors="strict")
        asked: dict[str, Any] = _unique(pairs)
    except ValueError:
        raise Unacceptable(400, "BAD_REQUEST", "These parameters cannot be read.") from None
    for name in ("variables", "extensions"):
        if name in asked:
            asked[name] = _read(asked[name].encode()) if asked[name] else None
    return _checked(asked, find)


def _read(text: bytes) -> Any:
    try:
        return json.loads(text.decode(), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except RecursionError:
        raise Unacceptable(400, "BAD_REQUEST", "It is nested too deeply.") from None
    except ValueError:
        raise Unacceptable(400, "BAD_REQUEST", "This is not JSON that can be read.") from None


def _checked(asked: Any, find: Finder) -> dict[str, Any]:
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str | None):
        raise Unacceptable(400, "BAD_REQUEST", _NO_QUERY)
    if not isinstance(asked.get("variables"), dict | None):
        raise Unacceptable(400, "BAD_REQUEST", "`variables` is an object.")
    if not isinstance(asked.get("extensions"), dict | None):
        raise Unacceptable(400, "BAD_REQUEST", "`extensions` is an object.")
    if not isinstance(asked.get("operationName"), str | None):
        raise Unacceptable(400, "BAD_REQUEST", "`operationName` is a text.")
    try:
        query = find(asked)
    except NotPersisted as refused:
        if refused.code == "BAD_REQUEST":
            raise Unacceptable(400, refused.code, str(refused)) from None
        # Of a document, not of a request: Apollo's clients send it then, and not each of them reads what is no 200.
        raise refusal(refused.code, str(refused)) from None
    if query is None:
        raise Unacceptable(400, "BAD_REQUEST", _NO_QUERY)
    return asked | {"query": query}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON (RFC 8259)")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
