"""What the house writes down, and how: a line of JSON for each event on a server, plain words on a developer's machine.

No line holds what a person has sent: no address, no header, no token, no variable, no document. A request is one line, of
the door's own making (`schema.questions`); what servers and libraries would say of it is not written.
"""

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from textwrap import indent
from typing import Any, TextIO

import orjson
import psycopg
import structlog
from django.db import Error as DatabaseError

from schema.errors import words_of
from schema.request_ids import REQUEST_ID

Event = MutableMapping[str, Any]

# What ends a line, or commands a terminal (C0, C1, DEL and Unicode's own ends of lines), as it is spelled in Python.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_CONTROLS |= {0x2028: "\\u2028", 0x2029: "\\u2029"}
#: Characters of what an error says of itself.
_LONGEST = 500


def logging_settings(*, is_development: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING; and structlog, which the door writes with, is told the same."""
    _configure(level, is_development)
    line: dict[str, Any] = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _MOMENT,
            _request,
            _error if not is_development else _whole_error,
            _one_line,
        ],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(is_development)],
    }
    silent = {"handlers": ["nowhere"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "filters": {"of_the_server": {"()": "config.logs.OfTheServer"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            # It repeats the hosts, origins and paths that somebody made up; the request's own line has its status.
            "django.security": silent,
            # Each job would be three lines. A job that is parked is an ERROR, with its number, task and arguments.
            "procrastinate": {"level": "WARNING"},
            # They write what a program has sent when they refuse it.
            "oauthlib": {"level": "WARNING"},
            "oauth2_provider": {"level": "WARNING"},
            # They write the address of whoever asks, and the whole of what is asked by GET.
            "uvicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            "granian.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            "uvicorn": {"handlers": ["console"], "propagate": False, "level": "INFO"},
            "uvicorn.error": {"filters": ["of_the_server"], "level": "INFO"},
        },
    }


class OfTheServer(logging.Filter):
    """Lets through what uvicorn says of itself, and nothing of those who come: it would tell address and query string."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is written."""
        return not str(record.msg).startswith(('%s - "', "connection "))


def _configure(level: str, is_development: bool) -> None:
    output = sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _MOMENT,
            _named,
            _renderer(is_development, to_bytes=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_factory(output),
        cache_logger_on_first_use=True,
    )


def _factory(output: TextIO) -> Any:
    if not hasattr(output, "buffer"):
        return structlog.BytesLoggerFactory()
    return structlog.BytesLoggerFactory(output.buffer)


_MOMENT = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")


def _named(logger: Any, method: str, event: Event) -> Event:
    event["logger"] = "acequia.request"
    return event


def _request(logger: Any, method: str, event: Event) -> Event:
    if request_id := REQUEST_ID.get():
        event["request_id"] = request_id
    return event


def _one_line(logger: Any, method: str, event: Event) -> Event:
    # An error's own lines stay lines, each with its signs spelled out.
    event["event"] = str(event["event"]).translate(_CONTROLS)
    if "error" in event:
        event["error"] = "\n".join(line.translate(_CONTROLS) for line in event["error"].split("\n"))
    return event


def _error(logger: Any, method: str, event: Event) -> Event:
    if info := _info(event):
        event["error"] = "".join(_told(info[1]))
    return event


def _whole_error(logger: Any, method: str, event: Event) -> Event:
    if info := _info(event):
        event["error"] = "".join(traceback.format_exception(info[1])).rstrip()
    return event


def _info(event: Event) -> Any:
    info = event.pop("exc_info", None)
    info = sys.exc_info() if info is True else info
    return info if isinstance(info, tuple) and info[1] is not None else None


def _told(error: BaseException) -> Iterator[str]:
    """Where an error was raised, and what it is; not what the database says: it repeats the row that it is about."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _told(earlier)
        yield "\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    if isinstance(error, DatabaseError | psycopg.Error):
        yield words_of(error)
        diagnosis = getattr(error, "diag", None)
        if name := diagnosis and diagnosis.constraint_name:
            yield f" {name}"
    else:
        yield f"{type(error).__qualname__}: {str(error)[:_LONGEST].translate(_CONTROLS)}"


def _renderer(is_development: bool, to_bytes: bool = False) -> Any:
    if is_development:
        return (lambda *of: _plain(*of).encode()) if to_bytes else _plain
    return _json if to_bytes else (lambda *of: _json(*of).decode())


def _json(logger: Any, method: str, event: Event) -> bytes:
    return orjson.dumps(event, default=repr)


def _plain(logger: Any, method: str, event: Event) -> str:
    error = event.pop("error", None)
    start = f"{event.pop('at')} {event.pop('level').upper()} {event.pop('logger')} {event.pop('event')}"
    more = " ".join(f"{name}={value}" for name, value in event.items() if value not in (None, [], ""))
    # Set in, so that what an error says cannot pass for a line of its own.
    return f"{start} {more}".rstrip() + ("\n" + indent(error, "    ") if error else "")
