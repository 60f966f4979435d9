"""By what name a download is saved: what somebody called their file, without what could deceive or command."""

import unicodedata
from pathlib import PurePosixPath

from django.utils.http import content_disposition_header

#: Characters of a name before its ending, and of the ending with its dot.
_LONGEST, _LONGEST_ENDING = 100, 11
_UNSAFE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def safe_name(filename: str) -> str:
    """One plain name: no folders, no control or direction characters, no dot first, at most 111 characters; never empty."""
    # Controls, NUL among them, what turns the direction of writing (gpj.exe reads exe.jpg), and ends of lines.
    plain = "".join(sign for sign in filename if unicodedata.category(sign) not in _UNSAFE)
    name = plain.replace("\\", "/").rpartition("/")[2].strip(" .")
    ending = PurePosixPath(name).suffix
    if len(ending) > _LONGEST_ENDING:
        ending = ""
    return name.removesuffix(ending)[:_LONGEST].strip(" .") + ending or "file"


def disposition(key: str, filename: str = "") -> str:
    """Content-Disposition of what stands at a key (RFC 6266, RFC 8187): shown only where anybody may see it."""
    if key.startswith("public/"):
        return "inline"
    return content_disposition_header(True, safe_name(filename or key.rpartition("/")[2])) or "attachment"
