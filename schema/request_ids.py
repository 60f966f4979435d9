"""What one request is called: in its answer, in what is told of its failures, and in the log."""

import os
import re
from contextvars import ContextVar

from django.conf import settings

#: Of the request that is being answered; empty where there is none.
REQUEST_ID: ContextVar[str] = ContextVar("REQUEST_ID", default="")

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)


def request_id_of(said: str) -> str:
    """The id that our proxy gave it, where there is one that gives them and this is well formed; else a new one."""
    if said and settings.PROXY_REQUEST_IDS and _WELL_FORMED.fullmatch(said):
        return said
    return new_id()


def new_id() -> str:
    """128 random bits in hexadecimal digits."""
    return os.urandom(16).hex()
