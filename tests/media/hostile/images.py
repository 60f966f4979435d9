"""Images that are more than an image, less than one, or far too much of one."""

import random
import struct

from PIL import Image

from media.inspection import Reason
from tests.media.files import AVIF, GIF, JPEG, PNG, WEBP, Sent
from tests.media.hostile.strangers import PAGE, PHP
from tests.media.pieces import (
    SIGNATURE,
    animated_webp,
    chunk,
    comment,
    frame,
    gif,
    header,
    picture,
    png,
    riff,
    saved,
    segment,
    three,
    with_segments,
    zeros,
    zipped,
)


def _cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def _zip() -> bytes:
    return zipped({"evil.js": b"alert(1)"})


def _apng(frames: int) -> bytes:
    first = chunk(b"acTL", struct.pack(">2I", frames, 0))
    rest = [
        chunk(b"fcTL", struct.pack(">5I2H2B", number, 1, 1, 0, 0, 1, 1, 0, 0)) for number in range(frames)
    ]
    return png(first, *rest)


def _wrong_checksum() -> bytes:
    data = bytearray(saved(picture(), "PNG"))
    data[data.index(b"IDAT") + 20] ^= 1
    return bytes(data)


def _promised_rows() -> bytes:
    return SIGNATURE + header(500, 500) + chunk(b"IDAT", zeros(1)[:40]) + chunk(b"IEND")


def _scans(count: int) -> bytes:
    whole = saved(picture(), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * count + b"\xff\xd9"


def _jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(saved(picture(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">2H", height, width)
    return bytes(data)


def _avif_of(width: int, height: int) -> bytes:
    data = bytearray(saved(picture(), "AVIF", speed=10))
    at = data.index(b"ispe")
    data[at + 8 : at + 16] = struct.pack(">2I", width, height)
    return bytes(data)


def _avif_frames(count: int) -> bytes:
    one, *more = [Image.new("RGB", (16, 16), (number % 256, 0, 0)) for number in range(count)]
    return saved(one, "AVIF", save_all=True, append_images=more, speed=10)


IMAGES = (
    # PNG
    Sent("a PNG that is cut off", PNG, lambda: _cut(saved(picture(), "PNG")), Reason.BROKEN),
    Sent("a PNG with one byte behind its end", PNG, lambda: png() + b"\n", Reason.POLYGLOT),
    Sent("a PNG with a ZIP behind its end", PNG, lambda: png() + _zip(), Reason.POLYGLOT),
    Sent("a PNG with a ZIP inside", PNG, lambda: png(chunk(b"zIPs", _zip())), Reason.POLYGLOT),
    Sent("a PNG with a page behind its end", PNG, lambda: png() + PAGE, Reason.POLYGLOT),
    Sent("a PNG with PHP in its text", PNG, lambda: png(chunk(b"tEXt", b"Comment\0" + PHP)), Reason.POLYGLOT),
    Sent("a PNG with a page in its pixels", PNG, lambda: png(chunk(b"IDAT", PAGE)), Reason.POLYGLOT),
    Sent("a PNG with a wrong checksum", PNG, _wrong_checksum, Reason.BROKEN),
    Sent(
        "a PNG of 50,000 by 50,000 in 20 kB",
        PNG,
        lambda: SIGNATURE + header(50_000, 50_000) + chunk(b"IDAT", zeros(20)) + chunk(b"IEND"),
        Reason.TOO_LARGE,
    ),
    Sent(
        "a PNG that is a pixel too large",
        PNG,
        lambda: SIGNATURE + header(40_000_001, 1) + chunk(b"IDAT", zeros(39)) + chunk(b"IEND"),
        Reason.TOO_LARGE,
    ),
    Sent("a PNG that holds fewer rows than it says", PNG, _promised_rows, Reason.BROKEN),
    Sent("a PNG without pixels", PNG, lambda: SIGNATURE + header(1, 1) + chunk(b"IEND"), Reason.BROKEN),
    Sent("a PNG that is nothing but its signature", PNG, lambda: SIGNATURE, Reason.BROKEN),
    Sent(
        "a PNG of no width",
        PNG,
        lambda: SIGNATURE + header(0, 1) + chunk(b"IDAT", zeros(1)) + chunk(b"IEND"),
        Reason.BROKEN,
    ),
    Sent(
        "a PNG with a bomb for a colour profile",
        PNG,
        lambda: png(chunk(b"iCCP", b"icc\0\0" + zeros(64))),
        Reason.BROKEN,
    ),
    Sent(
        "a PNG with a bomb for a text",
        PNG,
        lambda: png(chunk(b"zTXt", b"Comment\0\0" + zeros(64))),
        Reason.BROKEN,
    ),
    Sent(
        "a PNG with a hundred smaller bombs",
        PNG,
        lambda: png(*[chunk(b"zTXt", b"C%d\0\0" % n + zeros(1)) for n in range(100)]),
        Reason.BROKEN,
    ),
    Sent("an APNG of 10,000 frames", PNG, lambda: _apng(10_000), Reason.TOO_LARGE),
    Sent("a PNG of a million pieces", PNG, lambda: png(chunk(b"teSt") * 1_000_000), Reason.TOO_LARGE),
    # GIF
    Sent("a GIF that is cut off", GIF, lambda: _cut(saved(picture(), "GIF")), Reason.BROKEN),
    Sent("a GIF of 10,000 frames", GIF, lambda: gif(frame() * 10_000), Reason.TOO_LARGE),
    Sent("a GIF of 201 frames", GIF, lambda: gif(frame() * 201), Reason.TOO_LARGE),
    Sent("a GIF with a script behind its end", GIF, lambda: gif(frame()) + b"/*", Reason.POLYGLOT),
    Sent(
        "a GIF that is a script too",
        GIF,
        lambda: gif(comment(b"*/=1;alert(1)//<script>"), frame(), width=0x2A2F),
        Reason.POLYGLOT,
    ),
    Sent(
        "a GIF that is a script too, without a tag",
        GIF,
        lambda: gif(comment(b"*/=1;alert(1)//"), frame(), width=0x2A2F),
        Reason.POLYGLOT,
    ),
    Sent(
        "a GIF with garbage for pixels",
        GIF,
        lambda: gif(frame(b"\xff" * 200, 90, 90), width=90, height=90),
        Reason.BROKEN,
    ),
    Sent("a GIF without a frame", GIF, gif, Reason.BROKEN),
    Sent(
        "a GIF with a huge canvas and a tiny frame",
        GIF,
        lambda: gif(frame(), width=65_535, height=65_535),
        Reason.TOO_LARGE,
    ),
    Sent(
        "a GIF with a tiny canvas and a huge frame",
        GIF,
        lambda: gif(frame(width=65_535, height=65_535)),
        Reason.TOO_LARGE,
    ),
    # JPEG
    Sent("a JPEG that is cut off", JPEG, lambda: _cut(saved(picture(), "JPEG")), Reason.BROKEN),
    Sent("a JPEG without its last two bytes", JPEG, lambda: saved(picture(), "JPEG")[:-2], Reason.BROKEN),
    Sent(
        "a JPEG with PHP in its comment",
        JPEG,
        lambda: with_segments(saved(picture(), "JPEG"), segment(0xFE, PHP)),
        Reason.POLYGLOT,
    ),
    Sent("a JPEG with PHP behind its end", JPEG, lambda: saved(picture(), "JPEG") + PHP, Reason.POLYGLOT),
    Sent(
        "a JPEG with a ZIP behind its end", JPEG, lambda: saved(picture(), "JPEG") + _zip(), Reason.POLYGLOT
    ),
    Sent("a JPEG with a JPEG behind its end", JPEG, lambda: saved(picture(), "JPEG") * 2, Reason.POLYGLOT),
    Sent(
        "a JPEG of several pictures with a page behind",
        JPEG,
        lambda: with_segments(saved(picture(), "JPEG"), segment(0xE2, b"MPF\0")) + PAGE,
        Reason.POLYGLOT,
    ),
    Sent("a JPEG of 65,535 by 65,535", JPEG, lambda: _jpeg_of(65_535, 65_535), Reason.TOO_LARGE),
    Sent("a JPEG of 5,000 scans", JPEG, lambda: _scans(5000), Reason.TOO_LARGE),
    Sent(
        "a JPEG that is nothing but markers", JPEG, lambda: b"\xff\xd8" + b"\xff" * 3_000_000, Reason.BROKEN
    ),
    Sent(
        "a JPEG with noise for segments",
        JPEG,
        lambda: b"\xff\xd8\xff\xe0" + random.Random(7).randbytes(2000),  # noqa: S311
        Reason.BROKEN,
    ),
    # WebP
    Sent("a WebP that is cut off", WEBP, lambda: _cut(saved(picture(), "WEBP")), Reason.BROKEN),
    Sent("a WebP with a page behind its end", WEBP, lambda: saved(picture(), "WEBP") + PAGE, Reason.POLYGLOT),
    Sent("a WebP of 10,000 frames", WEBP, lambda: animated_webp(10_000), Reason.TOO_LARGE),
    Sent(
        "a WebP with a huge canvas",
        WEBP,
        lambda: riff((b"VP8X", bytes(4) + three(16_382) + three(16_382)), (b"VP8L", b"/" + bytes(9))),
        Reason.TOO_LARGE,
    ),
    Sent(
        "a WebP with a script for a description",
        WEBP,
        lambda: saved(picture(), "WEBP", xmp=b"<script>alert(1)</script>"),
        Reason.POLYGLOT,
    ),
    Sent("a WebP without a picture", WEBP, riff, Reason.BROKEN),
    # AVIF
    Sent("an AVIF that is cut off", AVIF, lambda: _cut(saved(picture(), "AVIF", speed=10)), Reason.BROKEN),
    Sent(
        "an AVIF with a page behind its end",
        AVIF,
        lambda: saved(picture(), "AVIF", speed=10) + PAGE,
        Reason.POLYGLOT,
    ),
    Sent("an AVIF of 16,000 by 16,000", AVIF, lambda: _avif_of(16_000, 16_000), Reason.TOO_LARGE),
    Sent("an AVIF of 300 frames", AVIF, lambda: _avif_frames(300), Reason.TOO_LARGE),
)
