from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from schema.member.schema import schema

COMMITTED = Path(__file__).resolve().parents[2] / "member.graphql"


def sdl() -> str:
    """The member schema as it is in the code, as SDL."""
    return schema.as_str() + "\n"


class Command(BaseCommand):
    """Write the SDL that is committed; a test fails while it differs from the code."""

    help = "Write the member schema's SDL to schema/member.graphql."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and say so."""
        COMMITTED.write_text(sdl())
        self.stdout.write(f"{COMMITTED.name}: {len(sdl().splitlines())} lines")
