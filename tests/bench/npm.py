"""The packages of a peer that runs in Node, as its lock file says."""

import shutil
import subprocess
from pathlib import Path

from tests.bench.folders import RESULTS


def packages_of(source: Path) -> Path:
    """Where the packages of the folder with this `package.json` are: `NODE_PATH`, once `install` has been there."""
    return RESULTS / "npm" / source.parent.name / source.name / "node_modules"


def absence() -> str:
    """What is missing for any peer in Node, in a sentence; nothing when all is there."""
    missing = [program for program in ("node", "npm") if not shutil.which(program)]
    return f"{' and '.join(missing)} not on the PATH: apt-get install nodejs npm" if missing else ""


def install(source: Path) -> None:
    """Leaves the locked packages in place; with no network when they are there already."""
    if missing := absence():
        raise SystemExit(f"The peer in {source.name} needs {missing}")
    folder = packages_of(source).parent
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed.json"
    lock = (source / "package-lock.json").read_text()
    if done.exists() and done.read_text() == lock:
        return
    print(f"Installing the packages of {source.name}", flush=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(source / name, folder / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if installed.returncode:
        raise SystemExit(f"The packages of {source.name} could not be installed:\n{installed.stderr.strip()}")
    done.write_text(lock)
