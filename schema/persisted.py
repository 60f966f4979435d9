"""Persisted operations: the documents that our own clients send, known by their hash, so that they need not be sent.

As Apollo's clients ask for them: `extensions: {persistedQuery: {version: 1, sha256Hash}}`, with or without a `query`
(https://www.apollographql.com/docs/graphos/routing/security/persisted-queries, and its automatic form's words and codes).
Nothing is added to the list by whoever asks: it is a manifest that `manage.py persist_operations` writes and a server reads
when it starts.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FORMAT = "apollo-persisted-query-manifest"
_HASH = re.compile("[0-9a-f]{64}")


class NotPersisted(Exception):
    """An operation cannot be asked for in this way; the code and the message are those that Apollo's clients know."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BadManifest(ImproperlyConfigured):
    """A list of operations cannot be read; the message says what is wrong with it."""


def persisted(asked: Mapping[str, Any]) -> str | None:
    """The document that somebody asks by its hash, or sends; None where there is neither. Raises `NotPersisted`.

    `asked`: a request's `query` and `extensions`, of whatever kind they are; a `query` that is no text is None here.
    """
    query = asked.get("query")
    query = query if isinstance(query, str) else None
    extensions = asked.get("extensions")
    named = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if named is None:
        if query is not None and settings.PERSISTED_ONLY:
            return _listed_text(query)
        return query
    version = named.get("version") if isinstance(named, dict) else None
    if not isinstance(named, dict) or version != 1 or isinstance(version, bool):
        raise NotPersisted("BAD_REQUEST", "Unsupported persisted query version")
    hash = named.get("sha256Hash")
    if not isinstance(hash, str) or not _HASH.fullmatch(hash):
        raise NotPersisted("BAD_REQUEST", "`sha256Hash` is the 64 digits of a SHA-256, in lower case.")
    if not query:
        if not settings.PERSISTED_OPERATIONS:
            raise NotPersisted("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
        if (found := known().get(hash)) is None:
            raise NotPersisted("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        return found
    if hash_of_document(query) != hash:
        raise NotPersisted("BAD_REQUEST", "provided sha does not match query")
    return _listed_text(query) if settings.PERSISTED_ONLY else query


def _listed_text(query: str) -> str:
    if hash_of_document(query) not in known():
        raise NotPersisted("PERSISTED_QUERY_NOT_IN_LIST", "Only the operations of a list are answered here.")
    return query


def hash_of_document(text: str) -> str:
    """SHA-256 of its UTF-8, in hex; half a character, which UTF-8 has not, counts as a question mark."""
    return sha256(text.encode(errors="replace")).hexdigest()


def known() -> dict[str, str]:
    """The documents of the list, by their hash; none without one. Raises `BadManifest`."""
    return _read(settings.PERSISTED_OPERATIONS) if settings.PERSISTED_OPERATIONS else {}


@cache
def _read(path: str) -> dict[str, str]:
    try:
        content = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise BadManifest(f"PERSISTED_OPERATIONS: {path} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise BadManifest(f"PERSISTED_OPERATIONS: {path} is not JSON") from None
    if not isinstance(content, dict) or (content.get("format"), content.get("version")) != (FORMAT, 1):
        raise BadManifest(f"PERSISTED_OPERATIONS: {path} is no {FORMAT} of version 1")
    found: dict[str, str] = {}
    for each in content.get("operations") or ():
        id, body = (each.get("id"), each.get("body")) if isinstance(each, dict) else (None, None)
        if not isinstance(body, str) or id != hash_of_document(body):
            raise BadManifest(f"PERSISTED_OPERATIONS: {path}: the id {id!r} is not the SHA-256 of its body")
        found[id] = body
    return found


def manifest(documents: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """The list of these documents, each with its operation's name and type, as Apollo's tools write and read it."""
    operations = [
        {"id": hash_of_document(body), "name": name, "type": kind, "body": body}
        for name, kind, body in documents
    ]
    return {"format": FORMAT, "version": 1, "operations": operations}
