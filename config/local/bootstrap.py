"""`make`'s way in: finds a Python that is new enough, has `.venv` made ready, and hands over to the command.

This one file must parse and run on Python 3.6: an old Python shall end in a sentence, not in a SyntaxError.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NEWEST_TESTED = (3, 13)
CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def refusal(version: "tuple[int, ...]") -> str:
    """One sentence for a Python older than 3.11, and nothing for any other."""
    if tuple(version[:2]) >= OLDEST:
        return ""
    oldest, this = (".".join(map(str, numbers)) for numbers in (OLDEST, version[:3]))
    return (
        f"Acequia needs Python {oldest} or newer; this is {this}. "
        "Set PYTHON=/path/to/python3.12 and try again."
    )


def newer_python() -> str:
    """The first Python on the PATH that is new enough, by its versioned name; nothing when there is none."""
    for minor in range(NEWEST_TESTED[1], OLDEST[1] - 1, -1):
        path = shutil.which(f"python3.{minor}")
        # A name on the PATH may be a version manager's stand-in that only prints an error: so it is asked.
        if path and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return path
    return ""


def main() -> None:
    """Runs the command that `sys.argv` names, in place of this process."""
    sentence = refusal(sys.version_info[:3])
    if sentence:
        # Whoever named a PYTHON is told about that one; only nobody's choice is ours to replace.
        other = "" if os.environ.get("PYTHON") else newer_python()
        if not other:
            sys.exit(sentence)
        os.execv(other, [other, *sys.argv])  # noqa: S606  # No shell, on purpose.
    if sys.version_info[:2] > NEWEST_TESTED:
        newest = ".".join(map(str, NEWEST_TESTED))
        print(f"Acequia is tested up to Python {newest}; this is {sys.version.split()[0]}.", file=sys.stderr)
    # The folder of this file comes off the path: its run.py and test.py must not pass for top-level modules.
    sys.path[0] = CHECKOUT
    os.chdir(CHECKOUT)
    from config.local.installation import hand_over  # noqa: PLC0415  # An old Python cannot even parse it.

    hand_over(*sys.argv[1:])


if __name__ == "__main__":
    main()
