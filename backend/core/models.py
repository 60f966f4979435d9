import contextlib
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

Row = TypeVar("Row", bound=models.Model)


def exactly_one(*fields: str, name: str) -> models.CheckConstraint:
    """The constraint that a row points at one thing, and one only, of several kinds.

    Several nullable foreign keys rather than a generic one: the database then keeps each of them true.
    """
    count = Func(*(F(field) for field in fields), function="num_nonnulls", output_field=models.IntegerField())
    return models.CheckConstraint(condition=Exact(count, 1), name=name)


def names_where(**conditions: Q | models.expressions.BaseExpression) -> Func:
    """The names of those conditions that hold for a row, as an array, in the order given."""
    cases = (
        models.Case(
            models.When(condition, then=models.Value(name)), default=None, output_field=models.TextField()
        )
        for name, condition in conditions.items()
    )
    # The cast is for no conditions at all: PostgreSQL does not know the type of an empty array.
    names = Func(*cases, function="ARRAY", template="%(function)s[%(expressions)s]::text[]", arg_joiner=",")
    nothing = models.Value(None, output_field=models.TextField())
    return Func(names, nothing, function="array_remove", output_field=ArrayField(models.TextField()))


def found_or_made(
    rows: models.QuerySet[Row], defaults: dict[str, Any] | None = None, **facts: Any
) -> tuple[Row, bool]:
    """`get_or_create` of a row that may also go again: where that would find that it is there, and then that it is not."""
    for _ in range(5):
        with contextlib.suppress(IntegrityError):
            return rows.get_or_create(defaults, **facts)
    return rows.get_or_create(defaults, **facts)


class Stream(models.Model):
    """One ordered line of events ("board:42"); its row is the lock that makes their order the order of commits."""

    name = models.CharField(max_length=80, primary_key=True)
    seq = models.BigIntegerField(help_text="The number of the last event; no number is ever skipped.")

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"


class RecordedEvent(models.Model):
    """What happened, as it stands in the log: references and small facts, never text that somebody may take back."""

    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="events")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40, help_text="The name of its class, and of its GraphQL type.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    facts = models.JSONField(help_text="The fields of its class.")
    occurred_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="event_number_is_unique_in_its_stream"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="event_numbers_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.stream_id} {self.seq})"


class Pending(models.Model):
    """An event that a reader of the log has not dealt with yet; deleted in the transaction that deals with it."""

    reader = models.CharField(max_length=40)
    event = models.ForeignKey(RecordedEvent, on_delete=models.PROTECT, related_name="+")
    after = models.BigIntegerField(
        default=0, help_text="How far the reader has got with it: those after this number are left."
    )
    job_id = models.BigIntegerField(
        null=True,
        help_text="The job that tries it again by itself, because it failed; others go on meanwhile.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "event"], name="event_is_pending_once_a_reader")
        ]
        verbose_name_plural = "pending"

    def __str__(self) -> str:
        return f"{self.reader}: {self.event_id}"
