"""Checks ZIP files, and the office documents that are ZIP files, by their directory; next to nothing is unpacked.

By the specifications: APPNOTE.TXT 6.3.10 (ZIP), OpenDocument 1.3 part 2 (packages).
"""

import contextlib
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from media.inspection.findings import Reason, Rejected
from media.inspection.signatures import ZIP_END, ZIP_END_WITHIN, hides_code

MOST_ENTRIES = 10_000
MOST_DIRECTORY = 8 << 20
# Unpacked. Beyond the smaller of them more than a hundredfold is a bomb; deflate's own bound is 1,032.
MOST_UNPACKED = 4 << 30
UNSUSPICIOUS = 16 << 20
MOST_RATIO = 100
_MANIFEST_WITHIN = 4 << 20

_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
# The largest data descriptor: signature, checksum and two sizes of eight bytes.
_DESCRIPTOR = 24
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_DESCRIBED_LATER = 0x8
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}

# Backslashes and drives are folders and roots elsewhere.
_OUTSIDE = re.compile(r"^/|^[a-zA-Z]:|\\|[\x00-\x1f\x7f]|(?:^|/)\.\.?(?:/|$)")
_ARCHIVE = re.compile(
    rb"PK\x03\x04|PK\x05\x06|\x1f\x8b|BZh[1-9]|\xfd7zXZ\x00|7z\xbc\xaf'\x1c|Rar!\x1a\x07|\x28\xb5\x2f\xfd|MSCF"
)
_ARCHIVE_NAME = re.compile(r"\.(?:zip|jar|war|apk|gz|tgz|bz2|xz|7z|rar|zst|cab|iso)$", re.IGNORECASE)
# Documents that are ZIP files themselves: people send them in ZIP files every day.
_DOCUMENT_NAME = re.compile(r"\.(?:od[tspg]|ot[tspg]|docx|xlsx|pptx|epub)$", re.IGNORECASE)
# What says that a ZIP is something else: an OpenDocument or EPUB, Office, Java, Android.
_OTHER_TYPES = {"mimetype", "[Content_Types].xml", "META-INF/MANIFEST.MF", "AndroidManifest.xml"}
_MACROS = ("Basic/", "Scripts/")


def check_zip(file: IO[bytes]) -> None:
    """Raises `Rejected` unless the file is a plain ZIP, whole, without tricks, that unpacks to something bounded."""
    with _opened(file) as (_, entries):
        if _OTHER_TYPES & {entry.filename for entry in entries}:
            raise Rejected(Reason.MISMATCH)


def check_opendocument(file: IO[bytes], *, declared: str) -> None:
    """Raises `Rejected` unless the file is a ZIP as above that says it is `declared`, without macros or encryption."""
    with _opened(file) as (archive, entries):
        first, named = entries[0], {entry.filename: entry for entry in entries}
        if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED:
            raise Rejected(Reason.MISMATCH)
        if _begin(archive, first, 100) != declared.encode():
            raise Rejected(Reason.MISMATCH)
        if "content.xml" not in named or "META-INF/manifest.xml" not in named:
            raise Rejected(Reason.BROKEN)
        if any(name.startswith(_MACROS) for name in named):
            raise Rejected(Reason.UNSUPPORTED)
        manifest = _begin(archive, named["META-INF/manifest.xml"], _MANIFEST_WITHIN)
        if len(manifest) == _MANIFEST_WITHIN or b"encryption-data" in manifest:
            raise Rejected(Reason.UNSUPPORTED)


@contextlib.contextmanager
def _opened(file: IO[bytes]) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """The archive and its entries in the order in which they stand, each looked at: at least one."""
    begins, count = _directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
            if len(entries) != count:
                raise Rejected(Reason.POLYGLOT)
            _check_bounds(entries, file.seek(0, os.SEEK_END))
            _check_places(file, entries, begins)
            for entry in entries:
                _check_entry(archive, entry)
            yield archive, entries
    # zipfile and zlib say of hostile bytes whatever comes first.
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError):
        raise Rejected(Reason.BROKEN) from None


def _directory(file: IO[bytes]) -> tuple[int, int]:
    """Where the directory begins, and how many entries it has.

    It and its end fill the file to the last byte, so that no two programs find two of them.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - ZIP_END_WITHIN))
    tail = file.read()
    at = tail.rfind(ZIP_END)
    if at < 0 or at + _END.size > len(tail):
        raise Rejected(Reason.BROKEN)
    _, disk, first_disk, here, entries, length, begins, comment = _END.unpack_from(tail, at)
    # The last of all numbers says "see the ZIP64 record", of which nothing that is small enough has need.
    if entries > MOST_ENTRIES or length > MOST_DIRECTORY or begins == 0xFFFFFFFF:
        raise Rejected(Reason.TOO_LARGE)
    if disk or first_disk or here != entries:
        raise Rejected(Reason.UNSUPPORTED)
    if not entries:
        raise Rejected(Reason.EMPTY)
    if at + _END.size + comment != len(tail) or begins + length != size - len(tail) + at:
        raise Rejected(Reason.POLYGLOT)
    if hides_code(tail[at:]):
        raise Rejected(Reason.POLYGLOT)
    return begins, entries


def _check_bounds(entries: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED or unpacked > max(UNSUSPICIOUS, MOST_RATIO * size):
        raise Rejected(Reason.TOO_LARGE)
    if len({entry.filename for entry in entries}) < len(entries):
        raise Rejected(Reason.POLYGLOT)


def _check_places(file: IO[bytes], entries: list[zipfile.ZipInfo], begins: int) -> None:
    """The entries stand one behind the other and nothing between, and each is called the same in both places."""
    end, slack = 0, 0
    for entry in entries:
        if not end <= entry.header_offset <= end + slack:
            raise Rejected(Reason.POLYGLOT)
        file.seek(entry.header_offset)
        signature, _, flags, method, *_, name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
        raw = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")
        if signature != b"PK\x03\x04" or method != entry.compress_type or file.read(name) != raw:
            raise Rejected(Reason.POLYGLOT)
        if (flags | entry.flag_bits) & _ENCRYPTED:
            raise Rejected(Reason.UNSUPPORTED)
        end = entry.header_offset + _LOCAL.size + name + extra + entry.compress_size
        slack = _DESCRIPTOR if flags & _DESCRIBED_LATER else 0
    if not end <= begins <= end + slack:
        raise Rejected(Reason.POLYGLOT)


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.compress_type not in _METHODS or kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise Rejected(Reason.UNSUPPORTED)
    if not entry.filename or _OUTSIDE.search(entry.orig_filename):
        raise Rejected(Reason.UNSUPPORTED)
    # Archives in archives multiply what each alone may be.
    is_document = bool(_DOCUMENT_NAME.search(entry.filename))
    if _ARCHIVE_NAME.search(entry.filename) or (
        not is_document and _ARCHIVE.match(_begin(archive, entry, 8))
    ):
        raise Rejected(Reason.UNSUPPORTED)


def _begin(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(entry) as content:
        return content.read(most)
