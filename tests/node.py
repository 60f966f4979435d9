"""Programs in Node that nobody here wrote, with their packages as a lock file says, for tests of what we do to them."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config.local.places import CHECKOUT, made

OLDEST_NODE = 20


def beside_its_packages(program: Path, shows: str) -> Path:
    """A copy of the program where its packages are, which are installed once for each state of its lock file.

    Without node the test is left out, and is a failure where everything must be shown: `shows` says what is not.
    """
    if not _has_node():
        not_shown = f"no node {OLDEST_NODE} with npm is on the PATH, so it is not shown that {shows}"
        pytest.fail(not_shown) if os.environ.get("CI") else pytest.skip(not_shown)
    source = program.parent
    lock = (source / "package-lock.json").read_bytes()
    folder = made(CHECKOUT / ".local") / f"{source.name}-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not (folder / "installed").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        # No scripts: what was downloaded runs when the program does, and not before.
        quietly = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "ci", *quietly], cwd=folder, check=True, timeout=120)
        (folder / "installed").touch()
    return Path(shutil.copy(program, folder))


def _has_node() -> bool:
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.removeprefix("v").partition(".")[0]) >= OLDEST_NODE
