"""Who may use which data folder: a lasting one for one run at a time, throwaway ones for everybody else."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from config.local.places import CHECKOUT, home, made
from config.local.services import stop_leftovers


@contextlib.contextmanager
def lasting(checkout: Path = CHECKOUT) -> Iterator[Path]:
    """The folder whose data outlives a run; whatever a killed run left going in it has been stopped.

    Raises `SystemExit` with the process number of the other run while one is going on.
    """
    folder = made(home(checkout) / "lasting")
    with (folder / "lock").open("a+") as lock:
        if not _locked(lock):
            raise SystemExit(
                f"`make run` is going on in this checkout already, as process {holder(checkout)}."
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        stop_leftovers(folder)
        yield folder


@contextlib.contextmanager
def throwaway(checkout: Path = CHECKOUT) -> Iterator[Path]:
    """A folder that goes when the block ends; those of runs that died go first."""
    parent = home(checkout)
    # A folder is made and locked as one step, so that nobody's sweep takes it for that of a dead run.
    with (parent / "throwaway.lock").open("w") as step:
        fcntl.flock(step, fcntl.LOCK_EX)
        for old in parent.glob("throwaway-*/"):
            _remove_if_dead(old)
        folder = made(Path(tempfile.mkdtemp(prefix="throwaway-", dir=parent)))
        lock = (folder / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def holder(checkout: Path = CHECKOUT) -> int | None:
    """The process that holds the lasting folder, or None when nobody does."""
    try:
        with (home(checkout) / "lasting" / "lock").open("r+") as lock:
            return None if _locked(lock) else int(lock.read() or 0)
    except FileNotFoundError:
        return None


def _remove_if_dead(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError), (folder / "lock").open("a") as lock:
        if _locked(lock):
            stop_leftovers(folder)
            shutil.rmtree(folder, ignore_errors=True)


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
