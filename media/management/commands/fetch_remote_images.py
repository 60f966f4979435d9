from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.imports.goteo_documents import shown
from media.remote.images import bring_images, place_arrived, waiting_images
from media.storage.port import StorageAway


class Command(BaseCommand):
    """Fetches the pictures of what was imported. Nothing else ever does: it asks hosts that strangers have named."""

    help = (
        "Fetches the pictures of imported projects and people, from the public internet only; the worker checks them,"
        " and those that are good stand in their places within a minute or two. May be broken off, and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, and which."""
        parser.add_argument("--limit", type=_number, help="try so many at most")
        parser.add_argument("--retry-failed", action="store_true", help="also those that failed before")

    def handle(self, *args: Any, limit: int | None, retry_failed: bool, **options: Any) -> None:
        """Says a line for each, and the sum; what waits still, waits for the next time."""
        place_arrived()
        number = waiting_images(retry_failed=retry_failed).count()
        number = number if limit is None else min(number, limit)
        done = failed = 0
        try:
            for brought in bring_images(limit=limit, retry_failed=retry_failed):
                done += 1
                failed += bool(brought.why)
                what = f"failed: {brought.why}" if brought.why else "fetched"
                self.stdout.write(f"  {done} of {number}: {brought.kind} {shown(brought.url)}: {what}")
        except StorageAway:
            raise CommandError(
                f"The store of files is away: {_sum(done, failed)}. Run this again when it is back."
            ) from None
        except KeyboardInterrupt:
            raise CommandError(f"Broken off: {_sum(done, failed)}. Run this again to go on.") from None
        self.stdout.write(f"{_sum(done, failed)}.")


def _sum(done: int, failed: int) -> str:
    return f"{done - failed} fetched, {failed} failed"


def _number(value: str) -> int:
    if not value.isascii() or not value.isdecimal() or not 1 <= len(value) <= 6 or int(value) < 1:
        raise ArgumentTypeError("a whole number, from 1 to 999999")
    return int(value)
