"""Child processes that never outlive this one, and signals that end a block the way an exception does."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

Output = IO[bytes] | IO[str] | int | None

_PR_SET_PDEATHSIG = 1
# Loaded here and not in the child: between fork and exec nothing may wait for a lock of another thread.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Stopped(BaseException):
    """A signal asked this process to end; `number` says which."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP end the block once, as `Stopped`; those that follow find it cleaning up."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, lambda *_: None)
        raise Stopped(number)

    # What is ignored already (nohup, a job in the background of a script) stays ignored.
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.getsignal(each) for each in wanted if signal.getsignal(each) != signal.SIG_IGN}
    for each in before:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def start(
    command: Sequence[str | Path],
    *,
    when_orphaned: signal.Signals = signal.SIGTERM,
    account: pwd.struct_passwd | None = None,
    own_session: bool = True,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    stdin: Output = None,
    stdout: Output = None,
    stderr: Output = None,
) -> subprocess.Popen[str]:
    """A child process that gets `when_orphaned` when this one dies in any way (Linux; elsewhere it stays).

    In a session of its own it does not hear the terminal's Ctrl-C: who started it decides what ends when.
    Raises `OSError` when the command cannot be run.
    """
    return subprocess.Popen(
        command,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        # Popen calls it after the change of user, which would have cleared the wish again.
        preexec_fn=_dying_with(os.getpid(), when_orphaned),  # noqa: PLW1509  # It takes no lock.
        start_new_session=own_session,
        env=environment,
        cwd=folder,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        text=True,
        errors="replace",
    )


def stop(process: subprocess.Popen[str], *steps: tuple[signal.Signals, float]) -> None:
    """Sends each signal of `steps` and waits its seconds, until the process has ended; then kills it."""
    for number, seconds in steps:
        if process.poll() is None:
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
    if process.poll() is None:
        process.kill()
        process.wait()


def stop_stranger(pid: int, *steps: tuple[signal.Signals, float]) -> None:
    """`stop` for a process that is nobody's child here."""
    for number, seconds in (*steps, (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
        if wait_until(lambda: not command_of(pid), seconds):
            return


def command_of(pid: int) -> str:
    """The command line of a live process, its words parted by spaces; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        if Path("/proc/self").exists():
            return ""
    shown = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether `condition` came true within `seconds`; asked every 20 ms."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _dying_with(parent: int, number: signal.Signals) -> Callable[[], None] | None:
    libc = _LIBC
    if libc is None:
        return None

    def die_with_parent() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        # The parent may have died before the line above.
        if os.getppid() != parent:
            os._exit(1)

    return die_with_parent
