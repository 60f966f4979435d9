"""ZIP files, and documents that are some, made to harm whoever opens them."""

import stat
import zipfile

from media.inspection import Reason
from tests.media.files import ODP, ODS, ODT, ZIP, Sent
from tests.media.hostile.strangers import PAGE
from tests.media.pieces import central, local, opendocument, zip_end, zip_of, zipped


def _layers(count: int) -> bytes:
    data = zipped({"bottom.txt": b"x"})
    for number in range(count):
        # Without a name that would tell.
        data = zipped({f"layer{number}": data})
    return data


def _overlapping() -> bytes:
    # After Fifield, "A better zip bomb": the header of the second file is a part of the first.
    inner = local(b"b", b"x" * 1000)
    outer = local(b"a", inner)
    directory = central(b"a", inner, 0) + central(b"b", b"x" * 1000, len(outer) - len(inner))
    return outer + directory + zip_end(2, len(directory), len(outer))


def _lying() -> bytes:
    body, directory = local(b"picture.png", b"x"), central(b"virus.exe", b"x", 0)
    return body + directory + zip_end(1, len(directory), len(body))


def _more_than_it_says() -> bytes:
    data = bytearray(zip_of([(b"a", b"x"), (b"b", b"x")]))
    data[-14:-10] = (1).to_bytes(2, "little") * 2
    return bytes(data)


def _linked() -> bytes:
    data = bytearray(zipped({"link": b"/etc/passwd"}))
    at = data.index(b"PK\1\2") + 38
    data[at : at + 4] = ((stat.S_IFLNK | 0o777) << 16).to_bytes(4, "little")
    return bytes(data)


def _hidden() -> bytes:
    body = local(b"a", b"x")
    directory = central(b"a", b"x", 0)
    return body + b"secret" + directory + zip_end(1, len(directory), len(body) + 6)


ARCHIVES = (
    Sent("a ZIP of a hundred layers", ZIP, lambda: _layers(100), Reason.UNSUPPORTED),
    Sent("a ZIP with a ZIP in it", ZIP, lambda: zipped({"a.zip": zipped({"a": b"b"})}), Reason.UNSUPPORTED),
    Sent(
        "a ZIP with a 7z in it",
        ZIP,
        lambda: zipped({"a": b"7z\xbc\xaf\x27\x1c" + bytes(50)}),
        Reason.UNSUPPORTED,
    ),
    Sent(
        "a ZIP with 100,000 entries",
        ZIP,
        lambda: zip_of([(b"%d" % number, b"") for number in range(100_000)]),
        Reason.TOO_LARGE,
    ),
    Sent(
        "a ZIP with 10,001 entries",
        ZIP,
        lambda: zip_of([(b"%d" % number, b"") for number in range(10_001)]),
        Reason.TOO_LARGE,
    ),
    Sent(
        "a ZIP that unpacks to a thousand times its size",
        ZIP,
        lambda: zipped({"a": bytes(64 << 20)}),
        Reason.TOO_LARGE,
    ),
    Sent(
        "a ZIP that climbs out of its folder",
        ZIP,
        lambda: zip_of([(b"../../etc/cron.d/x", b"x")]),
        Reason.UNSUPPORTED,
    ),
    Sent(
        "a ZIP that climbs out of a folder below",
        ZIP,
        lambda: zip_of([(b"a/b/../../../x", b"x")]),
        Reason.UNSUPPORTED,
    ),
    Sent("a ZIP that begins at the root", ZIP, lambda: zip_of([(b"/etc/passwd", b"x")]), Reason.UNSUPPORTED),
    Sent("a ZIP that climbs out on Windows", ZIP, lambda: zip_of([(b"..\\..\\x", b"x")]), Reason.UNSUPPORTED),
    Sent("a ZIP that begins at a drive", ZIP, lambda: zip_of([(b"C:x", b"x")]), Reason.UNSUPPORTED),
    Sent("a ZIP with a NUL in a name", ZIP, lambda: zip_of([(b"a.txt\0.exe", b"x")]), Reason.UNSUPPORTED),
    Sent("a ZIP without a name in it", ZIP, lambda: zip_of([(b"", b"x")]), Reason.UNSUPPORTED),
    Sent("a ZIP with a link in it", ZIP, _linked, Reason.UNSUPPORTED),
    Sent("a ZIP that is encrypted", ZIP, lambda: zip_of([(b"a", b"x")], flags=1), Reason.UNSUPPORTED),
    Sent(
        "a ZIP packed in an unusual way",
        ZIP,
        lambda: zipped({"a": b"x"}, method=zipfile.ZIP_LZMA),
        Reason.UNSUPPORTED,
    ),
    Sent("a ZIP whose files overlap", ZIP, _overlapping, Reason.POLYGLOT),
    Sent("a ZIP that calls its file by two names", ZIP, _lying, Reason.POLYGLOT),
    Sent("a ZIP that holds a name twice", ZIP, lambda: zip_of([(b"a", b"x"), (b"a", b"y")]), Reason.POLYGLOT),
    Sent("a ZIP with bytes between its files", ZIP, _hidden, Reason.POLYGLOT),
    Sent("a ZIP with a page before it", ZIP, lambda: PAGE + zipped({"a": b"b"}), Reason.MISMATCH),
    Sent("a ZIP with a page behind it", ZIP, lambda: zipped({"a": b"b"}) + PAGE, Reason.POLYGLOT),
    Sent(
        "a ZIP with a ZIP behind it", ZIP, lambda: zipped({"a": b"b"}) + zipped({"c": b"d"}), Reason.POLYGLOT
    ),
    Sent("a ZIP that holds more than it says", ZIP, _more_than_it_says, Reason.POLYGLOT),
    Sent("a ZIP that is cut off", ZIP, lambda: zipped({"a": b"b" * 99})[:-30], Reason.BROKEN),
    Sent("a ZIP of nothing", ZIP, lambda: b"PK\3\4" + zip_end(0, 0, 4), Reason.EMPTY),
    Sent(
        "a document of an office that says it is a ZIP",
        ZIP,
        lambda: zipped({"[Content_Types].xml": b"<Types/>"}),
        Reason.MISMATCH,
    ),
    Sent(
        "a program of Java that says it is a ZIP",
        ZIP,
        lambda: zipped({"META-INF/MANIFEST.MF": b"x"}),
        Reason.MISMATCH,
    ),
    Sent("a text document that says it is a ZIP", ZIP, lambda: opendocument("text"), Reason.MISMATCH),
    Sent(
        "a spreadsheet that says it is a text document",
        ODT,
        lambda: opendocument("spreadsheet"),
        Reason.MISMATCH,
    ),
    Sent("a ZIP that says it is a spreadsheet", ODS, lambda: zipped({"a": b"b"}), Reason.MISMATCH),
    Sent("a document whose type is packed", ODT, lambda: opendocument("text", stored=()), Reason.MISMATCH),
    Sent(
        "a document with macros",
        ODT,
        lambda: opendocument("text", {"Basic/Standard/Module1.xml": b"x"}),
        Reason.UNSUPPORTED,
    ),
    Sent(
        "a document with scripts",
        ODS,
        lambda: opendocument("spreadsheet", {"Scripts/python/x.py": b"x"}),
        Reason.UNSUPPORTED,
    ),
    Sent(
        "a document that is encrypted",
        ODP,
        lambda: opendocument("presentation", {"META-INF/manifest.xml": b"<m:encryption-data/>"}),
        Reason.UNSUPPORTED,
    ),
    Sent(
        "a document without a manifest",
        ODT,
        lambda: zipped({"mimetype": ODT.encode(), "content.xml": b"x"}, ("mimetype",)),
        Reason.BROKEN,
    ),
    Sent(
        "a document with a bomb in it",
        ODT,
        lambda: opendocument("text", {"content.xml": bytes(64 << 20)}),
        Reason.TOO_LARGE,
    ),
    Sent(
        "a document with a bomb for a manifest",
        ODT,
        lambda: opendocument("text", {"META-INF/manifest.xml": bytes(8 << 20)}),
        Reason.UNSUPPORTED,
    ),
)
