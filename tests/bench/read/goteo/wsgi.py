"""What Goteo's REST API is asked, and how it answers: `GET /v1/projects?category=…&page=…&limit=…` with a user and a key
(HTTP Basic), all columns of each row, numbered pages, and a count of everything each time (GoteoFoundation/goteo-api).

Written by hand on the same tables, over views that the house has: what costs it is the shape and no framework.
"""

import base64
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import psycopg

_KEY = hashlib.sha256(b"bench:bench").hexdigest()
_WHERE = "FROM opendata_project WHERE category = $1"
_ROWS = f"SELECT to_jsonb(p)::text FROM (SELECT * {_WHERE} ORDER BY launched_at DESC, id DESC LIMIT $2 OFFSET $3) p"  # noqa: S608
_COUNT = f"SELECT count(*) {_WHERE}"
_thread = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers one page to whoever has the key."""
    given = base64.b64decode(environ.get("HTTP_AUTHORIZATION", "").removeprefix("Basic "), validate=False)
    if not hmac.compare_digest(hashlib.sha256(given).hexdigest(), _KEY):
        start_response("401 Unauthorized", [("Content-Length", "0")])
        return [b""]
    asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    limit, page = int(asked["limit"]), int(asked.get("page", "0"))
    cursor = _cursor()
    rows = [json.loads(row) for (row,) in cursor.execute(_ROWS, [asked["category"], limit, page * limit])]
    counted = cursor.execute(_COUNT, [asked["category"]]).fetchone()
    meta = {"count": len(rows), "items_page": limit, "page": page, "total": counted and counted[0]}
    body = json.dumps({"items": rows, "meta": meta}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _cursor() -> psycopg.RawCursor[Any]:
    if not hasattr(_thread, "cursor"):
        connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0)
        _thread.cursor = psycopg.RawCursor(connection)
    found: psycopg.RawCursor[Any] = _thread.cursor
    return found
