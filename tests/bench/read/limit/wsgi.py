"""The limit: one hand-written statement a query behind a bare WSGI application, with nothing between it and the client.

It looks the session up as the project does, then asks, and passes on the bytes that PostgreSQL makes. It parses no
GraphQL: the operation's name chooses the statement. Its statements keep the rules of an ordinary logged-in person.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.numeric import Int4, Int8

from tests.bench.read.queries import pk_of

HERE = Path(__file__).parent
_BLOCK = 64
_thread = threading.local()


def _statement(name: str) -> str:
    return (HERE / f"{name}.sql").read_text()


def _functions() -> str:
    key = hashlib.sha256(b"acequia.cursor" + os.environ["SECRET_KEY"].encode()).digest().ljust(_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in key).hex() for pad in (0x36, 0x5C))
    return _statement("functions").replace("{inner}", rf"\x{inner}").replace("{outer}", rf"\x{outer}")


SESSION = _statement("session")
OPERATIONS: dict[str, tuple[str, Callable[[dict[str, Any], Int8], list[Any]]]] = {
    "ProjectPage": (_statement("project_page"), lambda given, viewer: [given["slug"], viewer]),
    "HomeFeed": (_statement("home_feed"), lambda given, viewer: [viewer, Int4(given["first"])]),
    "UserCard": (_statement("user_card"), lambda given, viewer: [given["handle"], viewer]),
    "Discover": (
        _statement("discover"),
        lambda given, viewer: [given["filter"]["category"], Int4(given["first"])],
    ),
    "BoardPage": (
        _statement("board_page"),
        lambda given, viewer: [Int8(pk_of(given["id"])), Int4(given["first"]), viewer],
    ),
}


def application(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]
) -> Iterable[bytes]:
    """Answers one operation of one person."""
    cursor = _cursor()
    asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    token = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    session = cursor.execute(SESSION, [hashlib.sha256(token.encode()).hexdigest()]).fetchone()
    if session is None:
        return _answer(start_response, "401 Unauthorized", b"{}")
    statement, parameters = OPERATIONS[asked["operationName"]]
    result = cursor.execute(statement, parameters(asked["variables"], Int8(session[0]))).pgresult
    body = result.get_value(0, 0) if result and result.ntuples else None
    if body is None:
        return _answer(start_response, "404 Not Found", b"{}")
    return _answer(start_response, "200 OK", body)


def _answer(start_response: Callable[..., Any], status: str, body: bytes) -> Iterable[bytes]:
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def _cursor() -> psycopg.RawCursor[Any]:
    cursor: psycopg.RawCursor[Any] | None = getattr(_thread, "cursor", None)
    if cursor is None:
        connection = psycopg.connect(
            os.environ["DATABASE_URL"],
            autocommit=True,
            prepare_threshold=0,
            # As an author who knows the statements would: no parameter of theirs asks for another plan.
            options="-c plan_cache_mode=force_generic_plan",
        )
        connection.execute(_functions(), prepare=False)
        cursor = _thread.cursor = psycopg.RawCursor(connection)
    return cursor
