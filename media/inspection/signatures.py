"""What bytes are, by how they begin; and what else they might be read as.

The ways in which a text begins that browsers take for a page are those of the WHATWG MIME Sniffing Standard, section 7.1.
"""

import re

_MAGIC = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    # The brand of a still or a sequence: the main one, or one that the file says it is compatible with.
    (
        re.compile(rb"....ftyp(?:avi[fs]|(?:mif1|msf1|miaf)....(?:....){0,14}?avi[fs])", re.DOTALL),
        "image/avif",
    ),
    (re.compile(rb"%PDF-[12]\.\d"), "application/pdf"),
    (re.compile(rb"PK\x03\x04"), "application/zip"),
)

_PAGE = re.compile(
    rb"[\t\n\x0c\r ]*<(?:(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|svg)[\s>]"
    rb"|!--|\?xml|\?php|\?=)",
    re.IGNORECASE,
)
_PROGRAM = re.compile(rb"#!|%!PS-|%PDF-")
# Long enough never to stand in the bytes of a picture by chance.
_CODE = re.compile(rb"<(?:\?php[\s(]|script[\s>]|html[\s>]|!doctype\s+html)", re.IGNORECASE)

# "GIF89a" is a name in JavaScript, and the width behind it can be spelled so that it goes on: GIF89a/*, GIF89a=1.
_GIF_SCRIPT = re.compile(rb"GIF8[79]a(?:/\*|=[ -~]|\s=)")

# The end of a ZIP is found from behind: 22 bytes, and a comment of at most 65,535.
ZIP_END = b"PK\x05\x06"
ZIP_END_WITHIN = 22 + 65_535


def sniffed(head: bytes) -> str:
    """The type that the first bytes are of; nothing when it is none of ours."""
    return next((named for magic, named in _MAGIC if magic.match(head)), "")


def begins_as_code(head: bytes) -> bool:
    """Whether some program would take a text that begins so for a page, a script or a document of its own."""
    return bool(_PAGE.match(head) or _PROGRAM.match(head))


def hides_code(data: bytes) -> bool:
    """Whether a page or a script stands somewhere in bytes that should hold none."""
    return bool(_GIF_SCRIPT.match(data) or _CODE.search(data))


def ends_as_zip(tail: bytes) -> bool:
    """Whether the last bytes of a file (ZIP_END_WITHIN and more) are the end of a ZIP, whatever stands before it."""
    at = len(tail)
    while (at := tail.rfind(ZIP_END, 0, at)) >= 0:
        # Four bytes stand there by chance once in 65,000 files, and a disk of number zero behind them never.
        if tail[at + 4 : at + 8] == bytes(4):
            return True
    return False
