"""What a figure was measured on."""

import os
import platform
import subprocess
from typing import Any

from config.local.places import CHECKOUT

#: Above this share of the machine for others, what is counted by the clock says little.
QUIET = 0.05


def provenance() -> dict[str, Any]:
    """The commit and the machine, for the head of a file of results."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    commit = subprocess.run(asked, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "commit": commit,
        "machine": {
            "processors": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
    }
