from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q

from schema.datasets.licences import LICENCES


class Version(models.Model):
    """All datasets as they were at one moment of a day; that its row is there is what publishes its files."""

    day = models.DateField(
        unique=True, help_text="The day of that moment, in UTC; a part of the files' addresses."
    )
    taken_at = models.DateTimeField(help_text="The moment that all of its files are of.")
    licence = models.CharField(max_length=9, help_text="As SPDX names it.")
    keys = models.JSONField(help_text="Where each of its files is in the store, by name.")
    package = models.TextField(help_text="Its datapackage.json, to the byte.")

    class Meta:
        db_table = "datasets_version"
        constraints = [
            models.CheckConstraint(
                condition=Q(licence__in=list(LICENCES)), name="version_has_a_known_licence"
            )
        ]
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"

    @property
    def tables(self) -> list[dict[str, Any]]:
        """What is said of each table, the resources of its datapackage.json, with all of its files as `files`."""
        resources: list[dict[str, Any]] = json.loads(self.package)["resources"]
        return [each | {"files": [each, *each["alternates"]]} for each in resources]
