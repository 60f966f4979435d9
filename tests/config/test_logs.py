"""How the house writes down what happens: one line an event, which nobody can break, and nothing of what people sent."""

import io
import json
import logging
import logging.config
import time
from collections.abc import Callable

import pytest
import structlog
from django.db import IntegrityError, connection, transaction

from backend.accounts.models import User
from config.logs import _MOMENT, OfTheServer, _json, _named, logging_settings
from schema.request_ids import REQUEST_ID
from tests.asking import post
from tests.cast import Cast

Written = Callable[..., str]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    """What a line of the log looks like, on a server or on a developer's machine."""

    def write(message: str, *given: object, is_development: bool = False, exc_info: object = None) -> str:
        monkeypatch.setattr("config.logs._configure", lambda *_: None)
        line = logging_settings(is_development=is_development, level="INFO")["formatters"]["line"]
        kind = line.pop("()")
        output = io.StringIO()
        handler = logging.StreamHandler(output)
        handler.setFormatter(kind(**line))
        log = logging.Logger("acequia.test", logging.INFO)
        log.addHandler(handler)
        log.error(message, *given, exc_info=exc_info)
        return output.getvalue()

    return write


#: Two parts, so that the lines of this file which a traceback shows do not hold it.
SECRET = "-".join(("secret", "canary"))
HOSTILE = "x\r\n2026-01-01 ERROR root all is lost\x1b[31m\x00\x7f\x85\u2028\u2029\x9b1m é 🐝"
SPELLED = "x\\x0d\\x0a2026-01-01 ERROR root all is lost\\x1b[31m\\x00\\x7f\\x85\\u2028\\u2029\\x9b1m é 🐝"


def test_a_line_on_a_server_is_json(written: Written):
    kept = REQUEST_ID.set("0123456789abcdef")
    told = json.loads(written("%s of %s", 7, 9))
    REQUEST_ID.reset(kept)
    assert told.pop("at").endswith("Z")
    assert told == {
        "event": "7 of 9",
        "level": "error",
        "logger": "acequia.test",
        "request_id": "0123456789abcdef",
    }


def test_a_line_on_a_developers_machine_is_words(written: Written):
    (line,) = written("%s of %s", 7, 9, is_development=True).splitlines()
    assert line.partition(" ")[2] == "ERROR acequia.test 7 of 9"


@pytest.mark.parametrize("is_development", [True, False])
def test_whoever_sends_an_end_of_line_ends_none(written: Written, is_development: bool):
    """Nor does anybody colour, or clear, the terminal of whoever reads it."""
    text = written("said: %s", HOSTILE, is_development=is_development)
    assert text.count("\n") == 1 and text.splitlines() == [text[:-1]]
    assert (SPELLED if is_development else json.dumps(SPELLED, ensure_ascii=False)[1:-1]) in text


def test_what_a_failure_says_is_set_in_where_lines_are_words(written: Written):
    try:
        raise ValueError("x\n2026-01-01 ERROR root all is lost")
    except ValueError as error:
        first, *rest = written("failed", is_development=True, exc_info=error).splitlines()
    assert first.endswith("ERROR acequia.test failed") and all(line.startswith("    ") for line in rest)


def test_a_failure_says_where_and_what(written: Written):
    try:
        raise ValueError(HOSTILE)
    except ValueError as error:
        told = json.loads(written("failed", exc_info=error))["error"]
    assert told.startswith("Traceback (most recent call last):\n  File ")
    assert "test_a_failure_says_where_and_what" in told
    assert told.split("\n")[-1] == f"ValueError: {SPELLED}"


def test_what_postgresql_repeats_of_a_row_is_not_written(cast: Cast, written: Written):
    """Its errors hold the values of the row, and the text of the statement, that they are about."""
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        User.objects.create(handle="ana", email=f"{SECRET}@example.net", display_name="x", password="!")
    assert "ana" in str(raised.value)  # A control: there is something to leave out.
    with pytest.raises(Exception) as other, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT '{SECRET}'::int")
    assert SECRET in str(other.value)

    for error in (raised.value, other.value):
        told = json.loads(written("failed", exc_info=error))["error"]
        assert SECRET not in told and "(handle)" not in told
    told = json.loads(written("failed", exc_info=raised.value))["error"]
    assert "UniqueViolation 23505 accounts_user_handle" in told and "test_logs.py" in told


@pytest.mark.parametrize(
    ("message", "is_written"),
    [
        ("Uvicorn running on %s://%s:%d (Press CTRL+C to quit)", True),
        ("Exception in ASGI application\n", True),
        ('%s - "WebSocket %s" [accepted]', False),
        ('%s - "WebSocket %s" 403', False),
        ("connection open", False),
    ],
)
def test_of_uvicorns_words_those_about_itself_are_written(message: str, is_written: bool):
    record = logging.LogRecord("uvicorn.error", logging.INFO, "", 0, message, (), None)
    assert OfTheServer().filter(record) is is_written


def test_a_request_is_one_line_that_says_how_it_went(cast: Cast):
    with structlog.testing.capture_logs() as lines:
        answers = [
            post({"query": 'query Named { user(handle: "ana") { handle } }'}, cast.ana),
            post({"query": "mutation Out { logOut { errors { code } } }"}, cast.ana),
            post({"query": "{ nothing }"}),
            post("nonsense"),
        ]
    assert [
        tuple(line[name] for name in ("event", "method", "operation", "kind", "status", "codes"))
        for line in lines
    ] == [
        ("request", "POST", "Named", "query", 200, []),
        ("request", "POST", "Out", "mutation", 200, []),
        ("request", "POST", None, None, 400, ["GRAPHQL_VALIDATION_FAILED"]),
        ("request", "POST", None, None, 400, ["BAD_REQUEST"]),
    ]
    assert [line["request_id"] for line in lines] == [answer["X-Request-Id"] for answer in answers]
    assert all(set(line) == {*LINE, "log_level"} and 0 <= line["ms"] < 60_000 for line in lines)


LINE = ("event", "request_id", "method", "operation", "kind", "status", "codes", "cost", "ms")


def test_a_log_that_nobody_takes_costs_no_answer(db: None, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("schema.exchanges.requests.info", full)
    assert post({"query": "{ __typename }"}).status_code == 200


def test_a_line_is_cheap():
    """A request's costs some 10 µs; a bound that a busy machine keeps, so that nobody makes it ten times as much."""
    output = io.BytesIO()
    log = structlog.wrap_logger(
        structlog.BytesLogger(output),
        processors=[structlog.processors.add_log_level, _MOMENT, _named, _json],
        wrapper_class=structlog.make_filtering_bound_logger("INFO"),
    ).bind()
    line = dict.fromkeys(LINE[1:], "0123456789abcdef")
    best = min(_seconds(lambda: log.info("request", **line)) for _ in range(5))
    assert best < 60e-6
    assert len(output.getvalue().splitlines()) == 5_000
    print(f"{best * 1e6:.1f} µs a line")


def _seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    for _ in range(1_000):
        work()
    return (time.process_time() - begin) / 1_000
