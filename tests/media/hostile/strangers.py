"""Files that are something else than they say, or that nobody takes at all."""

import gzip

from media.inspection import Reason
from tests.media.files import AVIF, CSV, GIF, JPEG, PDF, PNG, TEXT, WEBP, ZIP, Sent
from tests.media.pieces import picture, png, saved

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"
PHP = b"<?php system($_GET['c']); ?>"


def _fits() -> bytes:
    # The bomb of CVE-2026-40192: compressed rows that Pillow 12.1 unpacks without a bound.
    cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    2",
    ]
    cards += [
        "NAXIS1  =                32767",
        "NAXIS2  =                32767",
        "ZCMPTYPE= 'GZIP_1  '",
        "END",
    ]
    return "".join(card.ljust(80) for card in cards).ljust(2880).encode() + gzip.compress(bytes(1 << 22))


STRANGERS = (
    Sent("an SVG that says it is a PNG", PNG, lambda: SVG, Reason.MISMATCH),
    Sent(
        "an SVG with an XML head that says it is a JPEG",
        JPEG,
        lambda: b'<?xml version="1.0"?>' + SVG,
        Reason.MISMATCH,
    ),
    Sent("an SVG that says so", "image/svg+xml", lambda: SVG, Reason.UNSUPPORTED),
    Sent("a page that says it is a PNG", PNG, lambda: PAGE, Reason.MISMATCH),
    Sent("a page that says so", "text/html", lambda: PAGE, Reason.UNSUPPORTED),
    Sent("a script that says so", "application/javascript", lambda: b"alert(1)", Reason.UNSUPPORTED),
    Sent("PHP that says it is a PNG", PNG, lambda: PHP, Reason.MISMATCH),
    Sent("nothing, as a PNG", PNG, lambda: b"", Reason.EMPTY),
    Sent("nothing, as a text", TEXT, lambda: b"", Reason.EMPTY),
    Sent("one byte, as a PNG", PNG, lambda: b"\x89", Reason.MISMATCH),
    Sent("zeros, as a GIF", GIF, lambda: bytes(5000), Reason.MISMATCH),
    Sent("a JPEG that says it is a PNG", PNG, lambda: saved(picture(), "JPEG"), Reason.MISMATCH),
    Sent("a PNG that says it is a WebP", WEBP, png, Reason.MISMATCH),
    Sent("a PNG that says it is a text", TEXT, png, Reason.MISMATCH),
    Sent("a PNG that says it is a PDF", PDF, png, Reason.MISMATCH),
    Sent("a PNG that says it is a ZIP", ZIP, png, Reason.MISMATCH),
    Sent("a FITS with a bomb in it that says it is a PNG", PNG, _fits, Reason.MISMATCH),
    Sent("a FITS with a bomb in it that says so", "image/fits", _fits, Reason.UNSUPPORTED),
    Sent("a TIFF that says it is a JPEG", JPEG, lambda: saved(picture(), "TIFF"), Reason.MISMATCH),
    Sent("a BMP that says it is a PNG", PNG, lambda: saved(picture(), "BMP"), Reason.MISMATCH),
    Sent("an ICO that says it is a PNG", PNG, lambda: saved(picture(), "ICO"), Reason.MISMATCH),
    Sent("a JPEG 2000 that says it is a JPEG", JPEG, lambda: saved(picture(), "JPEG2000"), Reason.MISMATCH),
    Sent(
        "a PSD that says it is a PNG",
        PNG,
        lambda: b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\0\1\0\0\0\1\0\x08\0\3" + bytes(64),
        Reason.MISMATCH,
    ),
    Sent(
        "an EPS that says it is a PNG",
        PNG,
        lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        Reason.MISMATCH,
    ),
    Sent(
        "an EPS that says it is a text",
        TEXT,
        lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        Reason.MISMATCH,
    ),
    Sent(
        "an HEIC that says it is an AVIF",
        AVIF,
        lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
        Reason.MISMATCH,
    ),
    Sent(
        "a program of Linux that says it is a table", CSV, lambda: b"\x7fELF\2\1\1" + bytes(57), Reason.BROKEN
    ),
    Sent(
        "a program of Windows that says so",
        "application/octet-stream",
        lambda: b"MZ" + bytes(62),
        Reason.UNSUPPORTED,
    ),
    Sent("a picture of no type", "", lambda: saved(picture(), "JPEG"), Reason.UNSUPPORTED),
)
