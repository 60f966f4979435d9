import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, transaction

Racer = TypeVar("Racer")


def race(act: Callable[[Racer], object], racers: Sequence[Racer]) -> list[str]:
    """Let everyone act at the same moment, each on a connection of their own; the names of what came out."""
    return [type(answer).__name__ for answer in answers(act, racers)]


def answers(act: Callable[[Racer], object], racers: Sequence[Racer]) -> list[Any]:
    """The same, with what came out, in the order of the racers."""
    start = threading.Barrier(len(racers))
    came_out: list[Any] = [None] * len(racers)

    def run(place: int, racer: Racer) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            came_out[place] = act(racer)
        except Exception as refusal:  # A refusal is an answer; so is a bug, which the test then sees.
            came_out[place] = refusal
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(place, racer), daemon=True) for place, racer in enumerate(racers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    if any(thread.is_alive() for thread in threads):
        raise AssertionError("somebody still waits for a lock")
    return came_out


@contextmanager
def after_a_wait(act: Callable[[], object]) -> Iterator[list[Any]]:
    """What comes out of `act` when it has to wait for this block's transaction; there to be read behind the block.

    The block changes a row and leaves it uncommitted; `act` then runs on another connection until it waits for that
    row; then the block's transaction commits. So the order in which two people are served is not left to chance.
    """
    came_out: list[Any] = []

    def run() -> None:
        try:
            came_out.append(act())
        except Exception as refusal:
            came_out.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    with transaction.atomic():
        yield came_out
        thread.start()
        _until_somebody_waits()
    thread.join(timeout=10)


def _until_somebody_waits() -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.005)
    raise AssertionError("nobody waits for this transaction")
