from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from graphql import print_schema

from schema.member.schema import schema
from schema.opendata.schema import core

COMMITTED = Path(__file__).resolve().parents[2] / "member.graphql"
COMMITTED_OPEN_DATA = COMMITTED.with_name("opendata.graphql")


def sdl() -> str:
    """The member schema as it is in the code, as SDL."""
    return schema.as_str() + "\n"


def sdl_of_open_data() -> str:
    """The same of the open-data schema."""
    return print_schema(core) + "\n"


class Command(BaseCommand):
    """Write the SDL that is committed; a test fails while it differs from the code."""

    help = "Write the SDL of both schemas to schema/member.graphql and schema/opendata.graphql."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the files and say so."""
        for file, text in ((COMMITTED, sdl()), (COMMITTED_OPEN_DATA, sdl_of_open_data())):
            file.write_text(text)
            self.stdout.write(f"{file.name}: {len(text.splitlines())} lines")
