"""Walks images piece by piece, before a decoder sees them: whole, nothing behind the end, and how many frames.

By the specifications: PNG third edition, GIF89a, JPEG (ITU T.81; several pictures in one file: CIPA DC-007), WebP
(RFC 9649), ISO base media (ISO/IEC 14496-12). Each walk raises `Rejected` and answers the number of frames.
"""

import re
import zlib
from collections.abc import Callable, Iterator

from media.inspection.findings import Reason, Rejected

# A file of more pieces, or a JPEG of more scans, is made to be slow: cameras and programs write a tenth of it.
MOST_PIECES = 100_000
MOST_SCANS = 100

# Any number of 0xFF may stand before a marker.
_MARKER = re.compile(rb"\xff+([^\xff])", re.DOTALL)
_END_OF_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
# The boxes that an AVIF file is made of, and those that stand for nothing.
_BOXES = {b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip"}


def frames_of_png(data: bytes) -> int:
    """How many pictures a PNG holds: itself, and the frames of an animation (APNG)."""
    frames, at, kind = 0, 8, b""
    for _ in _pieces():
        length, kind = int.from_bytes(_taken(data, at, 4)), _taken(data, at + 4, 4)
        end = at + 12 + length
        if zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(_taken(data, end - 4, 4)):
            raise Rejected(Reason.BROKEN)
        frames += kind == b"fcTL"
        at = end
        if kind == b"IEND":
            break
    _ends(data, at)
    return max(1, frames)


def frames_of_gif(data: bytes) -> int:
    """How many pictures a GIF holds."""
    frames, at = 0, 13 + _colours(_taken(data, 10, 1)[0])
    for _ in _pieces():
        match _taken(data, at, 1):
            case b"\x3b":
                _ends(data, at + 1)
                break
            case b"\x21":
                at = _after_blocks(data, at + 2)
            case b"\x2c":
                frames += 1
                at = _after_blocks(data, at + 11 + _colours(_taken(data, at + 9, 1)[0]))
            case _:
                raise Rejected(Reason.BROKEN)
    if not frames:
        raise Rejected(Reason.BROKEN)
    return frames


def frames_of_jpeg(data: bytes) -> int:
    """One; a file that announces several pictures (phones: depth, brightness) may go on with them, and nothing else."""
    at, announced = _after_jpeg(data, 0)
    while announced and at < len(data):
        at, _ = _after_jpeg(data, at)
    _ends(data, at)
    return 1


def frames_of_webp(data: bytes) -> int:
    """How many pictures a WebP holds."""
    return max(1, sum(kind == b"ANMF" for kind, _, _ in chunks_of_webp(data)))


def chunks_of_webp(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The chunks of a WebP in order, with where the content of each begins and ends; they fill the file exactly."""
    end = 8 + int.from_bytes(_taken(data, 4, 4), "little")
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or end > len(data):
        raise Rejected(Reason.BROKEN)
    _ends(data, end)
    at = 12
    for _ in _pieces():
        if at == end:
            return
        kind, length = _taken(data, at, 4), int.from_bytes(_taken(data, at + 4, 4), "little")
        yield kind, at + 8, at + 8 + length
        at += 8 + length + length % 2
        if at > end:
            raise Rejected(Reason.BROKEN)


def size_of_webp(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP, as its header says."""
    kind, at, _ = next(chunks_of_webp(data), (b"", 0, 0))
    head = _taken(data, at, 10)
    match kind:
        case b"VP8X":
            return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(head[1:5], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    raise Rejected(Reason.BROKEN)


def frames_of_avif(data: bytes) -> int:
    """One: that the boxes fill the file is seen here, how many pictures they hold only by the decoder."""
    at = 0
    for _ in _pieces():
        if at == len(data):
            return 1
        length, kind = int.from_bytes(_taken(data, at, 4)), data[at + 4 : at + 8]
        if kind not in _BOXES:
            raise Rejected(Reason.POLYGLOT if at else Reason.BROKEN)
        if length == 1:
            length = int.from_bytes(_taken(data, at + 8, 8))
        at += max(length, 8)
        if at > len(data):
            raise Rejected(Reason.BROKEN)
    return 1


FRAMES: dict[str, Callable[[bytes], int]] = {
    "image/png": frames_of_png,
    "image/gif": frames_of_gif,
    "image/jpeg": frames_of_jpeg,
    "image/webp": frames_of_webp,
    "image/avif": frames_of_avif,
}


def _pieces() -> Iterator[int]:
    yield from range(MOST_PIECES)
    raise Rejected(Reason.TOO_LARGE)


def _taken(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise Rejected(Reason.BROKEN)
    return data[at : at + length]


def _ends(data: bytes, at: int) -> None:
    if at < len(data):
        raise Rejected(Reason.POLYGLOT)


def _colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while length := _taken(data, at, 1)[0]:
        at += 1 + length
    return at + 1


def _after_jpeg(data: bytes, at: int) -> tuple[int, bool]:
    if _taken(data, at, 2) != b"\xff\xd8":
        raise Rejected(Reason.POLYGLOT if at else Reason.BROKEN)
    at, scans, announced = at + 2, 0, False
    for _ in _pieces():
        if not (found := _MARKER.match(data, at)):
            raise Rejected(Reason.BROKEN)
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            break
        length = int.from_bytes(_taken(data, at, 2))
        announced |= marker == 0xE2 and data[at + 2 : at + 6] == b"MPF\x00"
        at += length
        if marker == 0xDA:
            scans += 1
            if scans > MOST_SCANS:
                raise Rejected(Reason.TOO_LARGE)
            if not (found := _END_OF_SCAN.search(data, at)):
                raise Rejected(Reason.BROKEN)
            at = found.start()
    if not scans:
        raise Rejected(Reason.BROKEN)
    return at, announced
