"""Checks PDF and text, which are kept as they are: bounded reads, and nothing is interpreted."""

import codecs
import os
from typing import IO

from media.inspection.findings import Reason, Rejected
from media.inspection.signatures import ZIP_END_WITHIN, begins_as_code, ends_as_zip, hides_code

_CHUNK = 1 << 20
# Tab, line feed, form feed and carriage return are text; the rest of C0, and DEL, is not (ISO/IEC 6429).
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\f\r") + b"\x7f"
_PDF_ENDS_WITHIN = 1024


def check_pdf(file: IO[bytes]) -> None:
    """Raises `Rejected` unless the file begins and ends as a PDF (ISO 32000-1, 7.5) and as nothing else."""
    head = file.read(_PDF_ENDS_WITHIN)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - ZIP_END_WITHIN))
    tail = file.read()
    if hides_code(head) or ends_as_zip(tail):
        raise Rejected(Reason.POLYGLOT)
    *before, after = tail.rsplit(b"%%EOF", 1)
    if not before or b"startxref" not in before[0][-_PDF_ENDS_WITHIN:]:
        raise Rejected(Reason.BROKEN)
    # Programs end a file with a line, or fill a block with zeros.
    if after.strip(b"\t\n\f\r \0"):
        raise Rejected(Reason.POLYGLOT)


def check_text(file: IO[bytes]) -> None:
    """Raises `Rejected` unless the file is UTF-8 without control characters, and nothing takes it for a page or script."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        while chunk := file.read(_CHUNK):
            if len(chunk.translate(None, _CONTROLS)) < len(chunk):
                raise Rejected(Reason.BROKEN)
            if first and begins_as_code(chunk.removeprefix(codecs.BOM_UTF8)):
                raise Rejected(Reason.MISMATCH)
            decoder.decode(chunk)
            first = False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Rejected(Reason.BROKEN) from None
