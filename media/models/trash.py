from typing import Any

import pgtrigger
from django.db import models
from django.utils import timezone

_THROW = """
    INSERT INTO media_trash (key, parts_id, since) VALUES (OLD.key, <parts>, clock_timestamp())
    ON CONFLICT (key) DO NOTHING;
    RETURN NULL;
"""


class Trash(models.Model):
    """A key that no row names any more and whose bytes are still to be removed: PostgreSQL itself writes it down."""

    key = models.CharField(max_length=120, unique=True)
    parts_id = models.CharField(
        max_length=1024,
        blank=True,
        help_text="What the store calls an upload in parts that may be unfinished.",
    )
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "trash"

    def __str__(self) -> str:
        return self.key


class ThrowKey(pgtrigger.Trigger):
    """The key of a row that is deleted, or that names another from now on, is thrown away.

    A trigger, because no path may forget it: the back office, a cascade and an erasure do not. A key is used once.
    """

    when = pgtrigger.After

    def __init__(self, name: str, operation: Any, *, condition: Any, parts: str = "''") -> None:
        super().__init__(
            name=name, operation=operation, condition=condition, func=_THROW.replace("<parts>", parts)
        )
