import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from media.storage.port import StorageAway
from schema.datasets.models import Version
from schema.datasets.publishing import publish


class Command(BaseCommand):
    """Publishes the datasets of this day, whole or not at all; a day that has them keeps those it has."""

    help = "Publish all that open data tells as files (CSV, JSON Lines, Parquet), listed at /open-data/."
    #: They would load every page and schema of the house, and nothing of that is needed here.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """`--again` replaces what this day has."""
        parser.add_argument(
            "--again",
            action="store_true",
            help="make the version of this day anew, and put it in the place of the old",
        )

    def handle(self, *args: Any, again: bool, **options: Any) -> None:
        """Publish, and say how far it is on the way."""
        began = time.monotonic()
        try:
            version = publish(again=again, told=self._tell)
        except StorageAway as away:
            raise CommandError(f"The store does not answer, nothing was published: {away}") from away
        if version is None:
            self.stdout.write("Today's version is there already; --again makes it anew.")
            return
        end = "\n" if self.stdout.isatty() else ""
        self.stdout.write(f"{end}{_summary(version)}, in {time.monotonic() - began:.1f} s")

    def _tell(self, place: int, of: int, name: str, rows: int | None) -> None:
        step = "its files" if rows is None else f"{rows:,} rows"
        line = f"[{place}/{of}] {name}: {step}"
        # Only a person watches it move.
        if self.stdout.isatty():
            # One line that moves on; what it said before may have been longer.
            self.stdout.write(f"\r{line:<60}", ending="")
            self.stdout.flush()


def _summary(version: Version) -> str:
    tables = version.tables
    rows = sum(table["rows"] for table in tables)
    files = [file for table in tables for file in table["files"]]
    size = sum(file["bytes"] for file in files) / 1024 / 1024
    return f"Version {version}: {rows:,} rows, {len(files)} files, {size:,.1f} MB"
