"""Files that are what they say: a twin of each kind of hostile ones, for a house that refuses everything is safe too."""

import io
import zipfile

from PIL import Image

from tests.media.files import AVIF, CSV, GIF, JPEG, ODP, ODS, ODT, PDF, PNG, TEXT, WEBP, ZIP, Sent
from tests.media.pieces import PDF as WHOLE
from tests.media.pieces import (
    animated_webp,
    chunk,
    comment,
    frame,
    gif,
    opendocument,
    picture,
    png,
    saved,
    segment,
    with_segments,
    zip_of,
    zipped,
)


def _moving(kind: str) -> bytes:
    return saved(
        picture(), kind, save_all=True, append_images=[picture(seed=2), picture(seed=3)], duration=80
    )


def _phones() -> bytes:
    # CIPA DC-007: what a phone writes beside the picture (depth, brightness) is announced in it, and a JPEG.
    return with_segments(saved(picture(), "JPEG"), segment(0xE2, b"MPF\0")) + saved(picture(20, 20), "JPEG")


def _streamed() -> bytes:
    file = io.BytesIO()
    # Without a way back: sizes stand behind each file, as they do in what comes from a pipe.
    file.seekable = lambda: False  # type: ignore[method-assign]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.csv", "folder/b.csv"):
            archive.writestr(zipfile.ZipInfo(name), b"a,b\n" * 1000, zipfile.ZIP_DEFLATED)
    return file.getvalue()


HONEST = (
    Sent("a JPEG", JPEG, lambda: saved(picture(), "JPEG")),
    Sent("a progressive JPEG", JPEG, lambda: saved(picture(), "JPEG", progressive=True)),
    Sent("a JPEG for print", JPEG, lambda: saved(picture(mode="CMYK"), "JPEG")),
    Sent("a JPEG of two pictures", JPEG, _phones),
    Sent("a PNG", PNG, lambda: saved(picture(), "PNG")),
    Sent("a PNG with a text", PNG, lambda: png(chunk(b"tEXt", b"Comment\0for (a < b; a > c) { <b>}"))),
    Sent("a PNG that moves", PNG, lambda: _moving("PNG")),
    Sent("a PNG of 40 million pixels", PNG, lambda: saved(Image.new("1", (8000, 5000)), "PNG")),
    Sent("a WebP", WEBP, lambda: saved(picture(), "WEBP")),
    Sent("a WebP without loss", WEBP, lambda: saved(picture(mode="RGBA"), "WEBP", lossless=True)),
    Sent("a WebP that moves", WEBP, lambda: _moving("WEBP")),
    Sent("a WebP of 200 frames", WEBP, lambda: animated_webp(200)),
    Sent("a GIF", GIF, lambda: saved(picture(), "GIF")),
    Sent("a GIF with a comment", GIF, lambda: gif(comment(b"made at home"), frame())),
    Sent("a GIF of 200 frames", GIF, lambda: gif(frame() * 200)),
    Sent("an AVIF", AVIF, lambda: saved(picture(), "AVIF", speed=10)),
    Sent("an AVIF that moves", AVIF, lambda: _moving("AVIF")),
    Sent("a PDF", PDF, lambda: WHOLE),
    Sent(
        "a PDF that was changed", PDF, lambda: WHOLE + b"xref\n0 0\ntrailer<<>>\nstartxref\n201\n%%EOF\r\n\0"
    ),
    Sent("a text", TEXT, "El agua de la acequia, cada jueves.\r\n\f\t1 < 2 <año>\n".encode),
    Sent("a text with a byte order mark", TEXT, lambda: b"\xef\xbb\xbfhello"),
    Sent("a text of megabytes", TEXT, lambda: "añoñ".encode() * 500_000),
    Sent("a table", CSV, lambda: b"id,name\n1,<b>Ana</b>\n"),
    Sent("a ZIP", ZIP, lambda: zipped({"a.txt": b"x" * 5000, "folder/b.png": png(), "empty/": b""})),
    Sent("a ZIP that was streamed", ZIP, _streamed),
    Sent(
        "a ZIP with a document in it",
        ZIP,
        lambda: zipped({"report.odt": opendocument("text"), "..a/b..": b"x"}),
    ),
    Sent(
        "a ZIP with 10,000 entries", ZIP, lambda: zip_of([(b"%d" % number, b"") for number in range(10_000)])
    ),
    Sent("a text document", ODT, lambda: opendocument("text")),
    Sent("a spreadsheet", ODS, lambda: opendocument("spreadsheet", {"Pictures/a.png": png()})),
    Sent("a presentation", ODP, lambda: opendocument("presentation")),
)
