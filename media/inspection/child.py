"""The process that inspects: it limits itself before it sees a byte, and says what it found in a line of JSON.

Whoever starts it believes nothing of what it says without looking (`process.py`).
"""

import contextlib
import json
import os
import resource
import signal
import sys
from pathlib import Path

from media.inspection.findings import Reason, Rejected
from media.inspection.limits import Limits

_SNIFFED_WITHIN = 512


def main() -> None:
    """`argv` is the declared type and the limits; the file is standard input, the working folder takes the renditions."""
    declared, limits = sys.argv[-2], Limits(**json.loads(sys.argv[-1]))
    _limit(limits)
    try:
        words: dict[str, object] = _inspected(declared, limits)
    except Rejected as refusal:
        words = {"reason": str(refusal.reason)}
    except MemoryError:
        words = {"reason": Reason.TOO_MUCH_WORK}
    # A disk that is full or broken is no fault of the bytes; whatever else goes wrong with them, is.
    except OSError:
        raise
    except Exception:
        words = {"reason": Reason.BROKEN}
    sys.stdout.write(json.dumps(words | {"peak_bytes": _peak_bytes()}))


def _limit(limits: Limits) -> None:
    # Whoever waits may have died: then nobody else ends this.
    signal.alarm(limits.clock_seconds + 5)
    # Python lets a file that grows too large fail like a full disk; this is no fault of the disk's.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.nice(5)
    os.umask(0o077)
    for name, most in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_CPU", limits.processor_seconds),
        ("RLIMIT_FSIZE", limits.output),
        ("RLIMIT_NOFILE", 32),
        # No threads, no processes. Linux does not hold root to it.
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_DATA", limits.memory),
        # The one that counts. macOS takes it and does not keep it: there, memory is bounded by pixels and entries alone.
        ("RLIMIT_AS", limits.memory),
    ):
        with contextlib.suppress(AttributeError, ValueError):
            # One more, so that what ends it is SIGXCPU and says why.
            resource.setrlimit(getattr(resource, name), (most, most + 1 if name == "RLIMIT_CPU" else most))


def _peak_bytes() -> int:
    """The most memory that this process held, where there is Linux to tell."""
    with contextlib.suppress(OSError), open("/proc/self/status", "rb") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith(b"VmHWM:"))
    return 0


def _inspected(declared: str, limits: Limits) -> dict[str, object]:
    # Each of them loads what the others have no need of, and only under the limits.
    from media.inspection.signatures import sniffed  # noqa: PLC0415

    file = open(0, "rb")  # noqa: SIM115  # For as long as this process lives.
    head = file.peek(_SNIFFED_WITHIN)[:_SNIFFED_WITHIN]
    found = sniffed(head)
    if declared.startswith("image/"):
        _must_be(found == declared)
        from media.inspection.images import render  # noqa: PLC0415

        return vars(render(file, declared=declared, into=Path(), limits=limits))
    if declared.startswith("text/"):
        _must_be(not found)
        from media.inspection.documents import check_text  # noqa: PLC0415

        check_text(file)
    elif declared == "application/pdf":
        _must_be(found == declared)
        from media.inspection.documents import check_pdf  # noqa: PLC0415

        check_pdf(file)
    else:
        _must_be(found == "application/zip")
        from media.inspection.archives import check_opendocument, check_zip  # noqa: PLC0415

        if declared == "application/zip":
            check_zip(file)
        else:
            check_opendocument(file, declared=declared)
    return {}


def _must_be(true: bool) -> None:
    if not true:
        raise Rejected(Reason.MISMATCH)
