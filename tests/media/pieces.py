"""Pieces of files, put together byte by byte: what no honest program would write."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from PIL import Image, ImageDraw


def picture(width: int = 64, height: int = 48, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """A picture that is not all one colour, the same every time."""
    chance = random.Random(seed)  # noqa: S311  # It has to repeat.
    image = Image.new("RGB", (width, height), (30, 90, 160))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = chance.randrange(width), chance.randrange(height)
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.ellipse((x, y, x + width // 3, y + height // 3), fill=colour)
    return image if mode == "RGB" else image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The image as a file of that kind."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


# PNG

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    """A chunk of a PNG, with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, depth: int = 8, colour: int = 0) -> bytes:
    """The first chunk of a PNG; grey unless said otherwise."""
    return chunk(b"IHDR", struct.pack(">2I5B", width, height, depth, colour, 0, 0, 0))


def png(*chunks: bytes, width: int = 1, height: int = 1) -> bytes:
    """A PNG of black pixels, with more chunks in its middle."""
    rows = zlib.compress(bytes((width + 1) * height))
    return SIGNATURE + header(width, height) + b"".join(chunks) + chunk(b"IDAT", rows) + chunk(b"IEND")


def zeros(megabytes: int) -> bytes:
    """So many zeros, deflated."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join([*(packer.compress(block) for _ in range(megabytes)), packer.flush()])


# GIF


def gif(*blocks: bytes, width: int = 1, height: int = 1) -> bytes:
    """A GIF with a palette of two colours, up to its end."""
    return (
        b"GIF89a"
        + struct.pack("<2H3B", width, height, 0x80, 0, 0)
        + b"\0\0\0\xff\xff\xff"
        + b"".join(blocks)
        + b";"
    )


def frame(data: bytes = b"\x02\x44\x01", width: int = 1, height: int = 1) -> bytes:
    """A picture of a GIF; its data is of one block."""
    return b"," + struct.pack("<4HB", 0, 0, width, height, 0) + b"\x02" + bytes([len(data)]) + data + b"\0"


def comment(text: bytes) -> bytes:
    """A comment in a GIF, of at most 255 bytes."""
    return b"!\xfe" + bytes([len(text)]) + text + b"\0"


# JPEG


def segment(marker: int, data: bytes) -> bytes:
    """A segment of a JPEG with its length."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """The JPEG with those segments behind its beginning."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


# WebP


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP of those chunks."""
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def three(number: int) -> bytes:
    """A number in three bytes, as WebP counts."""
    return number.to_bytes(3, "little")


def animated_webp(frames: int) -> bytes:
    """A WebP of one pixel that moves."""
    still = saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    each = three(0) + three(0) + three(0) + three(0) + three(20) + b"\0" + still
    moves = (b"VP8X", b"\x02\0\0\0" + three(0) + three(0)), (b"ANIM", bytes(6))
    return riff(*moves, *[(b"ANMF", each)] * frames)


# ZIP


def zipped(
    files: Mapping[str, bytes], stored: Iterable[str] = (), method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A ZIP of those files, each deflated unless it is named."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_STORED if name in stored else method)
    return file.getvalue()


def local(name: bytes, content: bytes, flags: int = 0) -> bytes:
    """A file in a ZIP, stored."""
    size = len(content)
    return (
        struct.pack(
            "<4s5H3L2H", b"PK\3\4", 20, flags, 0, 0, 0x5C21, zlib.crc32(content), size, size, len(name), 0
        )
        + name
        + content
    )


def central(name: bytes, content: bytes, offset: int, flags: int = 0) -> bytes:
    """What the directory of a ZIP says of it."""
    size = len(content)
    head = struct.pack("<4s6H3L", b"PK\1\2", 20, 20, flags, 0, 0, 0x5C21, zlib.crc32(content), size, size)
    return head + struct.pack("<5H2L", len(name), 0, 0, 0, 0, 0, offset) + name


def zip_end(entries: int, length: int, offset: int) -> bytes:
    """The end of a ZIP."""
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries, entries, length, offset, 0)


def zip_of(parts: list[tuple[bytes, bytes]], flags: int = 0) -> bytes:
    """A ZIP of stored files whose names are bytes, checked by nobody."""
    body, directory = [], []
    at = 0
    for name, content in parts:
        directory.append(central(name, content, at, flags))
        body.append(local(name, content, flags))
        at += len(body[-1])
    length = sum(map(len, directory))
    return b"".join([*body, *directory, zip_end(min(len(parts), 0xFFFF), length, at)])


def opendocument(
    kind: str, files: Mapping[str, bytes] | None = None, stored: Iterable[str] = ("mimetype",)
) -> bytes:
    """The smallest OpenDocument that is one, with more files in it."""
    body = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
        "content.xml": b"<office:document-content/>",
        "META-INF/manifest.xml": b"<manifest:manifest/>",
    }
    return zipped(body | dict(files or {}), stored)


PDF = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
    b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n105\n%%EOF\n"
)
