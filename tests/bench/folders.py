"""Where a benchmark keeps its cluster, and where it writes what it found."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from config.local.places import CHECKOUT, home, made
from config.local.services import stop_leftovers

#: Where the results are written, in every checkout for itself.
RESULTS = CHECKOUT / "bench"


@contextlib.contextmanager
def own_folder(chosen: Path | None) -> Iterator[Path]:
    """The folder of one benchmark at a time, `chosen` or the checkout's, in which nothing of a killed run is left going.

    Raises `SystemExit` with one sentence while another is going on there.
    """
    folder = chosen.resolve() if chosen else made(home() / "bench")
    # Only passing through is everybody's: PostgreSQL's account, when this is root, must reach its data.
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"Another benchmark is going on in {folder}.") from None
        stop_leftovers(folder)
        yield folder
