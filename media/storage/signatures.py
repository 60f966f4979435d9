"""What the folder hands out signed: the form of an upload, and the addresses of parts and of private files.

Each signature is an HMAC over all that goes with it, as one JSON array, and is good for one purpose only. The server keeps
nothing of what it has signed.
"""

import json
import time
from collections.abc import Mapping
from datetime import timedelta

from django.core.signing import BadSignature, Signer

from media.storage.port import Announced

#: The fields of a form, and what of an address is signed; each exactly once.
FORM = ("key", "content-type", "byte-size", "sha256", "expires")
PART = ("key", "upload-id", "number", "byte-size", "expires")
FILE = ("key", "filename", "expires")
SIGNATURE = "signature"


class Forged(Exception):
    """This was not signed here, not for this, or not for now."""


def signed(names: tuple[str, ...], values: Mapping[str, str], *, lasts: timedelta) -> dict[str, str]:
    """These values with when they expire and their signature, in the order of the names."""
    whole = {**values, "expires": str(int(time.time() + lasts.total_seconds()))}
    said = {name: whole[name] for name in names}
    return said | {SIGNATURE: _signer(names).signature(_text(names, said))}


def check(names: tuple[str, ...], said: Mapping[str, str]) -> None:
    """Raises `Forged` unless exactly these values were signed for this purpose, and are still good."""
    if said.keys() != {*names, SIGNATURE}:
        raise Forged
    try:
        _signer(names).unsign(f"{_text(names, said)}:{said[SIGNATURE]}")
    except BadSignature:
        raise Forged from None
    # Only what was signed is read.
    if time.time() >= int(said["expires"]):
        raise Forged


def form(announced: Announced, *, lasts: timedelta) -> dict[str, str]:
    """The fields of the form that takes exactly this."""
    values = {
        "key": announced.key,
        "content-type": announced.content_type,
        "byte-size": str(announced.byte_size),
        "sha256": announced.sha256,
    }
    return signed(FORM, values, lasts=lasts)


def announced_in(fields: Mapping[str, str]) -> Announced:
    """What a form that was signed here announces. Raises `Forged`."""
    check(FORM, fields)
    return Announced(fields["key"], fields["content-type"], int(fields["byte-size"]), fields["sha256"])


def _signer(names: tuple[str, ...]) -> Signer:
    # The names are the purpose: no signature of one is good for another.
    return Signer(salt=f"acequia.media.{','.join(names)}")


def _text(names: tuple[str, ...], said: Mapping[str, str]) -> str:
    return json.dumps([said[name] for name in names])
