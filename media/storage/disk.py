"""Files that get their name when they are whole and on the disk, never before."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

from media.storage.port import Missing, StorageAway

#: Tries to put a file into a folder that somebody else removes because it is empty.
_TRIES = 10


class Taken(Exception):
    """A file of this name is there."""


class NotAsAnnounced(Exception):
    """Other bytes came, or more or less of them."""


class Arriving:
    """A file that is being written; it is gone when its block ends, unless it was kept by then."""

    def __init__(self, file: IO[bytes], path: Path, byte_size: int) -> None:
        self.path = path
        self._file = file
        self._left = byte_size
        self._digest = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        """Raises `NotAsAnnounced` before there is a byte too many, and `StorageAway`."""
        self._left -= len(chunk)
        if self._left < 0:
            raise NotAsAnnounced
        self._digest.update(chunk)
        with asking():
            self._file.write(chunk)

    def settle(self) -> str:
        """All of it is on the disk; its SHA-256. Raises `NotAsAnnounced` where less came than was announced."""
        if self._left:
            raise NotAsAnnounced
        with asking():
            sync(self._file)
        return self._digest.hexdigest()


@contextmanager
def arriving(folder: Path, byte_size: int) -> Iterator[Arriving]:
    """A place for so many bytes, which nobody finds before they are kept."""
    with ExitStack() as stack:
        with asking():
            file, path = stack.enter_context(new_file(folder))
        yield Arriving(file, path, byte_size)


@contextmanager
def asking() -> Iterator[None]:
    """What is not there is `Missing`; a disk that is full, gone or not ours is a store that is away."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError):
        raise Missing from None
    except OSError as error:
        raise StorageAway(error.strerror) from error


@contextmanager
def new_file(folder: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A file to write, under a name that is nobody's; `place` it before the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder)
    file = open(descriptor, "wb")  # noqa: SIM115  # Closed below, in a way of its own.
    try:
        yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
        # What was kept is on the disk, and of the rest nothing is wanted: not that there is no room for it either.
        with suppress(OSError):
            file.close()


def place(how: Callable[[Path, Path], object], half: Path, path: Path) -> None:
    """Give a file its name: `os.replace` takes it from another, with `os.link` this raises `Taken`."""
    for left in reversed(range(_TRIES)):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            # It went just after it was found to be there; or it is no folder.
            if left:
                continue
            raise
        try:
            how(half, path)
            break
        except FileExistsError:
            raise Taken from None
        except FileNotFoundError:
            if not left or not half.exists():
                raise
    with suppress(FileNotFoundError):
        sync_folder(path.parent)


def opened(path: Path) -> BinaryIO:
    """The bytes, to be read; a link is no file, for it could lead anywhere."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise FileNotFoundError from None
        raise
    return open(descriptor, "rb")


def sync(file: IO[bytes]) -> None:
    """What was written outlives a power cut."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """So do the names in it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder, by name; nothing where there is none."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []


def written(entry: os.DirEntry[str]) -> datetime:
    """When, in UTC."""
    return datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)


def etag(path: Path) -> str:
    """Says which file it is: another, or the same written anew, has another."""
    found = path.stat()
    return f'"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}"'
