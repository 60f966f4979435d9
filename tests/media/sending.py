"""What a client sends to a target: an ordinary form or PUT, and what somebody makes of it who means no good."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import httpx
from django.test import Client

from media.storage.port import Target

_BOUNDARY = "a-boundary-that-no-file-has"
_SECONDS = 20


@dataclass(frozen=True)
class Field:
    """One part of a form; a file has a file name."""

    name: str
    value: bytes
    filename: str | None = None

    @property
    def encoded(self) -> bytes:
        named = "" if self.filename is None else f'; filename="{self.filename}"'
        head = f'Content-Disposition: form-data; name="{self.name}"{named}'
        return f"--{_BOUNDARY}\r\n{head}\r\n\r\n".encode() + self.value + b"\r\n"


@dataclass(frozen=True)
class Sending:
    """One form, to the byte, and how it is sent."""

    url: str
    fields: tuple[Field, ...]
    #: Without a length, in chunks.
    is_chunked: bool = False
    times: int = 1

    @property
    def body(self) -> bytes:
        return b"".join(field.encoded for field in self.fields) + f"--{_BOUNDARY}--\r\n".encode()

    @property
    def file(self) -> Field:
        """The file; the first of several."""
        return next(field for field in self.fields if field.filename is not None)

    @property
    def content_type(self) -> str:
        """As a browser says it."""
        return f"multipart/form-data; boundary={_BOUNDARY}"

    def with_file(self, value: bytes) -> "Sending":
        """The same form around other bytes."""
        file = self.file
        return self.changed(file.name, replace(file, value=value))

    def changed(self, name: str, *fields: Field) -> "Sending":
        """The same with these in the place of one; names are compared as S3 does, without case."""
        changed: list[Field] = []
        for field in self.fields:
            changed += fields if field.name.lower() == name else [field]
        return replace(self, fields=tuple(changed))

    def value(self, name: str) -> str:
        """What one field says."""
        return next(field.value.decode() for field in self.fields if field.name.lower() == name)

    def send(self) -> httpx.Response:
        """The answer to the last time that it is sent."""
        headers = {"Content-Type": self.content_type}
        for _ in range(self.times):
            answer = httpx.post(
                self.url,
                content=self._chunks() if self.is_chunked else self.body,
                headers=headers,
                trust_env=False,
                timeout=_SECONDS,
            )
        return answer

    def _chunks(self) -> Iterator[bytes]:
        body = self.body
        for begin in range(0, len(body), 100):
            yield body[begin : begin + 100]


def sending(target: Target, data: bytes, filename: str = "file") -> Sending:
    """The form that a target asks for, around these bytes."""
    fields = tuple(Field(name, value.encode()) for name, value in target.fields.items())
    return Sending(target.url, (*fields, Field("file", data, filename)))


def send(target: Target, data: bytes) -> httpx.Response:
    """What a stock client does with a target, in its own words."""
    if target.method == "POST":
        files = {"file": ("photo.png", data)}
        return httpx.post(
            target.url,
            data=dict(target.fields),
            files=files,
            headers=dict(target.headers),
            trust_env=False,
            timeout=_SECONDS,
        )
    return httpx.put(
        target.url, content=data, headers=dict(target.headers), trust_env=False, timeout=_SECONDS
    )


def fetched(url: str, **headers: str) -> httpx.Response:
    """What a stock client gets at an address."""
    return httpx.get(url, headers=headers, trust_env=False, timeout=_SECONDS)


def posted(form: Sending) -> tuple[int, str]:
    """What this process itself answers to a form; a browser has no token to send with it."""
    answer = Client(enforce_csrf_checks=True).post(
        urlsplit(form.url).path, form.body, content_type=form.content_type
    )
    return answer.status_code, answer.content.decode()
