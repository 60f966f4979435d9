"""What somebody may do to a form that was signed for one file. A strict store refuses each; a lax one lets it in, and then
whoever looks at what arrived has to see it (`for_a_lax_store`).
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from media.storage.port import Announced, Store, Target
from tests.media.sending import Field, Sending, sending

#: What signs a form, by either kind of store.
_SIGNATURES = ("signature", "x-amz-signature")


@dataclass(frozen=True)
class Case:
    """Somebody has announced a file, and holds the form for it."""

    announced: Announced
    data: bytes
    #: How the store signs one: `store().target`.
    ask: Callable[[Announced, timedelta], Target]

    @property
    def honest(self) -> Sending:
        """What they were to send."""
        return sending(self.ask(self.announced, timedelta(minutes=5)), self.data)

    def other(self) -> Sending:
        """A form for another file that is theirs too."""
        announced = announce(b"something else of mine", "image/png")
        return sending(self.ask(announced, timedelta(minutes=5)), b"something else of mine")


@dataclass(frozen=True)
class Tampering:
    """One way to send something else, or in another way, than was agreed."""

    name: str
    of: Callable[[Case], Sending]
    #: Whether something else arrives at a store that looks at nothing: other bytes, of another type, or at another key.
    changes_what_arrives: bool = False

    def for_a_lax_store(self, case: Case) -> Sending:
        """The same, by somebody who gains by it: where a lax store would keep just what was announced, other bytes."""
        tampered = self.of(case)
        if self.changes_what_arrives or all(field.filename is None for field in tampered.fields):
            return tampered
        return tampered.with_file(_other(case.data))


def announce(data: bytes, content_type: str = "image/png") -> Announced:
    """What these bytes are, at a key of their own."""
    key = f"quarantine/{secrets.token_hex(16)}"
    return Announced(key, content_type, len(data), hashlib.sha256(data).hexdigest())


def _other(data: bytes) -> bytes:
    return bytes(byte ^ 1 for byte in data)


def _signature(form: Sending) -> str:
    return next(field.name for field in form.fields if field.name.lower() in _SIGNATURES)


def _with(name: str, value: str) -> Callable[[Case], Sending]:
    return lambda case: _said(case.honest, name, value)


def _said(form: Sending, name: str, value: str) -> Sending:
    return form.changed(
        name, *(replace(f, value=value.encode()) for f in form.fields if f.name.lower() == name)
    )


def _with_signature(change: Callable[[Field], tuple[Field, ...]]) -> Callable[[Case], Sending]:
    def tampered(case: Case) -> Sending:
        form = case.honest
        name = _signature(form)
        return form.changed(name, *change(next(field for field in form.fields if field.name == name)))

    return tampered


def _of_another(case: Case) -> Sending:
    other = case.other()
    value = other.value(_signature(other))
    return _with_signature(lambda field: (replace(field, value=value.encode()),))(case)


def _later(case: Case) -> Sending:
    # The form of a store has it in a field, that of S3 in a document that is signed.
    form = case.honest
    later = sending(case.ask(case.announced, timedelta(days=1)), case.data)
    name = "expires" if any(field.name == "expires" for field in form.fields) else "policy"
    return _said(form, name, later.value(name))


def _swapped(case: Case) -> Sending:
    form = case.honest
    key, kind = form.value("key"), form.value("content-type")
    return _said(_said(form, "key", kind), "content-type", key)


def _bigger(case: Case) -> Sending:
    return _said(case.honest, "byte-size", str(len(case.data) + 1)).with_file(case.data + b"x")


def _rehashed(case: Case) -> Sending:
    digest = hashlib.sha256(_other(case.data))
    form = _said(case.honest, "sha256", digest.hexdigest())
    form = _said(form, "x-amz-checksum-sha256", base64.b64encode(digest.digest()).decode())
    return form.with_file(_other(case.data))


def _after(case: Case) -> Sending:
    return sending(case.ask(case.announced, timedelta(seconds=-1)), case.data)


def _reordered(case: Case) -> Sending:
    form = case.honest
    return replace(form, fields=(*form.fields[1:], form.fields[0]))


def _more_fields(*fields: Field) -> Callable[[Case], Sending]:
    return lambda case: replace(case.honest, fields=(*fields, *case.honest.fields))


def _two_files(case: Case) -> Sending:
    form = case.honest
    return replace(form, fields=(*form.fields, replace(form.file, value=_other(case.data))))


TAMPERINGS = (
    Tampering(
        "the key of something else",
        lambda case: _said(case.honest, "key", f"quarantine/{secrets.token_hex(16)}"),
        True,
    ),
    Tampering("a key that leads to another folder", _with("key", "quarantine/../public/x"), True),
    Tampering("a key out of every folder", _with("key", "../../x"), True),
    Tampering("a key with a NUL", _with("key", "quarantine/a\0.png"), True),
    Tampering("a key that is read from right to left", _with("key", "quarantine/\u202egnp.exe"), True),
    Tampering("a key that everybody sees", _with("key", f"public/{'0' * 32}/{'0' * 32}.webp"), True),
    Tampering("another type", _with("content-type", "text/html"), True),
    Tampering("a byte more", lambda case: case.honest.with_file(case.data + b"x"), True),
    Tampering("a byte less", lambda case: case.honest.with_file(case.data[:-1]), True),
    Tampering("other bytes, as many", lambda case: case.honest.with_file(_other(case.data)), True),
    Tampering("a byte more, and a size that says so", _bigger, True),
    Tampering("other bytes, and their hash", _rehashed, True),
    Tampering("no bytes", lambda case: case.honest.with_file(b""), True),
    Tampering("a later end", _later),
    Tampering("when it has run out", _after),
    Tampering("twice", lambda case: replace(case.honest, times=2)),
    Tampering("no signature", _with_signature(lambda field: ())),
    Tampering("an empty signature", _with_signature(lambda field: (replace(field, value=b""),))),
    Tampering("the signature of something else", _of_another),
    Tampering("two values swapped", _swapped, True),
    Tampering("a field more", _more_fields(Field("acl", b"public-read"))),
    Tampering("a field twice", lambda case: replace(case.honest, fields=(case.honest.fields[0], *case.honest.fields))),
    Tampering("the type missing", lambda case: case.honest.changed("content-type"), True),
    Tampering("no file", lambda case: case.honest.changed("file"), True),
    Tampering("two files", _two_files),
    Tampering("a field behind the file", _reordered),
    Tampering("in chunks, of no said length", lambda case: replace(case.honest, is_chunked=True)),
)  # fmt: skip


def case_of(store: Store, data: bytes = b"what was announced") -> Case:
    """Somebody who has announced these bytes to a store."""
    return Case(announce(data), data, lambda announced, lasts: store.target(announced, lasts=lasts))
