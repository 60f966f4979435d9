from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from schema.opendata import role


class Command(BaseCommand):
    """Let the role of open data read its views: after a restore, or when somebody else has made the role."""

    help = "Make the role that reads open data, where that is allowed, and let it read the views and nothing else."

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant, and say to whom."""
        if not role.grant(connection):
            raise CommandError(
                "The role is not there and may not be made by this user; see README, Open data."
            )
        self.stdout.write("Granted.")
