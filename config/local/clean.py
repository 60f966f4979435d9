"""`make clean`: stops what runs in this checkout, then removes what `make` made. Uploads in var/ stay."""

import os
import shutil
import signal
import sys

from config.local.folders import holder
from config.local.places import CHECKOUT, ROOTS_PLACE, home
from config.local.processes import stop_stranger
from config.local.services import stop_leftovers

CACHES = (".hypothesis", ".import_linter_cache", ".mypy_cache", ".pytest_cache", ".ruff_cache")


def main() -> int:
    """0 when nothing local is left."""
    place = home()
    if pid := holder():
        print(f"Stopping `make run` (process {pid})", flush=True)
        stop_stranger(pid, (signal.SIGTERM, 45.0))
    for folder in (place / "lasting", place / "bench", *place.glob("throwaway-*/")):
        stop_leftovers(folder)
    made_here = (CHECKOUT / name for name in (".local", ".venv", "bench", *CACHES))
    for folder in (place, *made_here):
        if folder.is_dir():
            print(f"Removing {folder}", flush=True)
            shutil.rmtree(folder)
    # Root's copy of PostgreSQL is for all checkouts; the last one to go takes it along.
    if os.geteuid() == 0 and not any(child.name.isalnum() for child in ROOTS_PLACE.iterdir()):
        shutil.rmtree(ROOTS_PLACE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
