"""How much processor time a tree of processes has used, as /proc counts it."""

import contextlib
import os
from collections import defaultdict
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def seconds_of_machine() -> float:
    """How long all processors together have been busy, with whatever."""
    user, nice, system, _idle, _waiting, *interrupts = (
        Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    # The guests' times, the last two, are in the first two already.
    return sum(map(int, (user, nice, system, *interrupts[:3]))) / _TICKS_A_SECOND


def seconds_elsewhere() -> float:
    """How long the machine has been busy with what is no child of this process: nobody's that is measured."""
    return seconds_of_machine() - seconds_of(os.getpid())


def seconds_of(root: int) -> float:
    """User and system time of a process, its descendants, and those of them that have ended and been waited for."""
    children: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        # A process may end while it is looked at; its parent then has its time.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            # The second field is a name, which may hold anything but a last parenthesis.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            children[int(fields[1])].append(int(folder.name))
            ticks[int(folder.name)] = sum(map(int, fields[11:15]))
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        total += ticks.get(pid, 0)
        waiting.extend(children[pid])
    return total / _TICKS_A_SECOND
