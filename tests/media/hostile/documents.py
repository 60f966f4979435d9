"""Texts and PDFs that are none, or more than that."""

from media.inspection import Reason
from tests.media.files import CSV, PDF, TEXT, Sent
from tests.media.hostile.strangers import PAGE, PHP, SVG
from tests.media.pieces import PDF as WHOLE
from tests.media.pieces import zipped

DOCUMENTS = (
    Sent("a text with a NUL", TEXT, lambda: b"hello\0world", Reason.BROKEN),
    Sent(
        "a text with a NUL far from its beginning", TEXT, lambda: b"hello\n" * 400_000 + b"\0", Reason.BROKEN
    ),
    Sent("a text that moves the cursor of a terminal", TEXT, lambda: b"a\x1b[2Jb", Reason.BROKEN),
    Sent("a text in UTF-16", TEXT, lambda: "hello, all".encode("utf-16"), Reason.BROKEN),
    Sent("a text in Latin-1", TEXT, lambda: "acequia y año".encode("latin-1"), Reason.BROKEN),
    Sent("a text that ends in half a letter", TEXT, lambda: "año".encode()[:2], Reason.BROKEN),
    Sent("a text that is a page", TEXT, lambda: PAGE, Reason.MISMATCH),
    Sent(
        "a text that is a page after spaces",
        TEXT,
        lambda: b"\xef\xbb\xbf \r\n\t<ScRiPt >alert(1)</script>",
        Reason.MISMATCH,
    ),
    Sent("a text that is an SVG", TEXT, lambda: SVG, Reason.MISMATCH),
    Sent("a text that is PHP", TEXT, lambda: PHP, Reason.MISMATCH),
    Sent("a text that is a script of a shell", TEXT, lambda: b"#!/bin/sh\nrm -rf ~\n", Reason.MISMATCH),
    Sent("a text that is a PDF", TEXT, lambda: WHOLE, Reason.MISMATCH),
    Sent("a table that is a page", CSV, lambda: b"<table><tr><td>1</td></tr></table>", Reason.MISMATCH),
    Sent("a PDF with a page before it", PDF, lambda: PAGE + WHOLE, Reason.MISMATCH),
    Sent(
        "a PDF with a page in its head",
        PDF,
        lambda: WHOLE.replace(b"\n", b"\n%" + PAGE + b"\n", 1),
        Reason.POLYGLOT,
    ),
    Sent("a PDF with a page behind its end", PDF, lambda: WHOLE + PAGE, Reason.POLYGLOT),
    Sent("a PDF with a ZIP behind its end", PDF, lambda: WHOLE + zipped({"a": b"b"}), Reason.POLYGLOT),
    Sent(
        "a PDF with a ZIP inside",
        PDF,
        lambda: WHOLE[:-6] + zipped({"a": b"b"}) + b"\nstartxref\n105\n%%EOF\n",
        Reason.POLYGLOT,
    ),
    Sent("a PDF that is cut off", PDF, lambda: WHOLE[:200], Reason.BROKEN),
    Sent("a PDF that is nothing but its head and its end", PDF, lambda: b"%PDF-1.7\n%%EOF\n", Reason.BROKEN),
)
