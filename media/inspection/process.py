"""Runs the process that inspects, and believes it nothing: what it wrote is looked at, measured and hashed here."""

import contextlib
import dataclasses
import errno
import hashlib
import json
import os
import re
import resource
import selectors
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from media.inspection.containers import chunks_of_webp, size_of_webp
from media.inspection.findings import Findings, InspectionFailed, Reason, Rejected, Rendition
from media.inspection.limits import LIMITS, Limits
from media.inspection.sizes import sizes
from media.inspection.types import EXTENSIONS, IMAGES

# -I and an empty environment: no secret of ours, no address of a database, and no path that somebody could have put there.
# So the checkout has to be named.
_CHECKOUT = Path(__file__).parents[2]
_BEGIN = "import sys; sys.path.insert(0, sys.argv[1]); from media.inspection.child import main; main()"
_MOST_WORDS = 4096
_PICTURE = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH"}
_BLURHASH = re.compile(r"[0-9A-Za-z#$%*+,\-.:;=?@\[\]^_{|}~]{6,166}")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_DIED_OF_WORK = {signal.SIGXCPU, signal.SIGKILL, signal.SIGXFSZ}
_DIED_OF_BYTES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}

_Usage = tuple[int, resource.struct_rusage]


@dataclass(frozen=True)
class Ended:
    """How the process ended: its exit code (negative: a signal), its words, what it cost; or that its time was over."""

    code: int
    words: bytes
    processor_seconds: float
    timed_out: bool


def inspect(source: Path, *, declared: str, into: Path, limits: Limits = LIMITS) -> Findings:
    """What `source` is, decided in a limited process of its own; renditions of images are written to `into`, a folder.

    `declared` is one of EXTENSIONS. Of what is no image, FILE is `source` itself. Raises `Rejected`, and
    `InspectionFailed` when the machine, not the file, is at fault.
    """
    if declared not in EXTENSIONS:
        raise Rejected(Reason.UNSUPPORTED)
    try:
        with _opened(source) as file:
            if not os.fstat(file).st_size:
                raise Rejected(Reason.EMPTY)
            before = None if declared in IMAGES else _described("FILE", source, declared)
            words = _believed(run(file, declared=declared, into=into, limits=limits), limits)
        if before:
            if _described("FILE", source, declared) != before:
                raise InspectionFailed("The file changed while it was inspected.")
            return Findings(declared, None, None, "", "", (before,))
    except OSError as error:
        raise InspectionFailed(str(error)) from error
    try:
        return _image(words, declared, into, limits)
    # It said or wrote what our own code never does, so the bytes have taken it over.
    except (KeyError, TypeError, ValueError, FileNotFoundError, Rejected):
        raise Rejected(Reason.BROKEN) from None
    except OSError as error:
        raise InspectionFailed(str(error)) from error


def run(file: int, *, declared: str, into: Path, limits: Limits = LIMITS) -> Ended:
    """Starts it on an open file and waits for its end, which comes within the limits. Raises `OSError`."""
    told = [str(_CHECKOUT), declared, json.dumps(dataclasses.asdict(limits))]
    with subprocess.Popen(  # noqa: S603  # Our own interpreter, and no shell.
        [sys.executable, "-I", "-c", _BEGIN, *told],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=into,
        env={},
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + limits.clock_seconds
        words, reaped = b"", None
        try:
            words = _heard(process, deadline)
            reaped = _reaped(process, deadline)
        finally:
            # Whatever it started, too; and itself, if it has not ended.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            ended = reaped or _asked(process, 0)
    assert ended  # noqa: S101  # Asked without haste, it has.
    code, usage = ended
    # Of memory it tells less: `ru_maxrss` is that of whoever starts a process, if that was more (Linux, vfork).
    return Ended(code, words, usage.ru_utime + usage.ru_stime, timed_out=reaped is None)


def _heard(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    assert process.stdout  # noqa: S101  # It is a pipe.
    words = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(words) <= _MOST_WORDS and selector.select(max(0.0, deadline - time.monotonic())):
            if not (more := os.read(process.stdout.fileno(), _MOST_WORDS)):
                break
            words += more
    return words


def _reaped(process: subprocess.Popen[bytes], deadline: float) -> _Usage | None:
    pause = 0.001
    while not (ended := _asked(process, os.WNOHANG)) and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
    return ended


def _asked(process: subprocess.Popen[bytes], options: int) -> _Usage | None:
    """Its exit code and what it used, once it has ended. Popen alone would not say what it used."""
    pid, status, usage = os.wait4(process.pid, options)
    if not pid:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def _believed(ended: Ended, limits: Limits) -> dict[str, object]:
    """What it found; raises `Rejected` if it refuses the file, or died of it."""
    if ended.timed_out:
        # A machine that is too busy is no fault of the file's.
        if ended.processor_seconds < limits.processor_seconds / 2:
            raise InspectionFailed(f"No turn within {limits.clock_seconds} s.")
        raise Rejected(Reason.TOO_MUCH_WORK)
    if -ended.code in _DIED_OF_WORK:
        raise Rejected(Reason.TOO_MUCH_WORK)
    if -ended.code in _DIED_OF_BYTES:
        raise Rejected(Reason.BROKEN)
    if ended.code:
        raise InspectionFailed(f"The inspecting process ended with {ended.code}.")
    if len(ended.words) > _MOST_WORDS:
        raise Rejected(Reason.BROKEN)
    try:
        words = json.loads(ended.words)
        reason = Reason(words["reason"]) if "reason" in words else None
    except (TypeError, ValueError):
        raise Rejected(Reason.BROKEN) from None
    if reason:
        raise Rejected(reason)
    return dict(words)


def _image(words: dict[str, object], declared: str, into: Path, limits: Limits) -> Findings:
    width, height, placeholder, color = (words[key] for key in ("width", "height", "placeholder", "color"))
    if not (
        isinstance(width, int)
        and isinstance(height, int)
        and isinstance(placeholder, str)
        and isinstance(color, str)
    ):
        raise TypeError
    if min(width, height) < 1 or width * height > limits.pixels:
        raise ValueError
    if not (_BLURHASH.fullmatch(placeholder) and _COLOR.fullmatch(color)):
        raise ValueError
    renditions = []
    for name, size in sizes(width, height).items():
        rendition = _described(name, into / f"{name}.webp", "image/webp", size)
        if rendition.byte_size > limits.output:
            raise ValueError
        data = rendition.path.read_bytes()
        if not {kind for kind, *_ in chunks_of_webp(data)} <= _PICTURE or size_of_webp(data) != size:
            raise ValueError
        renditions.append(rendition)
    return Findings(declared, width, height, placeholder, color, tuple(renditions))


def _described(name: str, path: Path, content_type: str, size: tuple[int, int] | None = None) -> Rendition:
    with _opened(path) as descriptor, open(descriptor, "rb", closefd=False) as file:
        byte_size = os.fstat(descriptor).st_size
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    width, height = size or (None, None)
    return Rendition(name, path, content_type, width, height, byte_size, sha256)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A descriptor to read a file by. A link, a pipe or a device is refused: nobody uploads one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Rejected(Reason.UNSUPPORTED) from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Rejected(Reason.UNSUPPORTED)
        yield descriptor
    finally:
        os.close(descriptor)
