"""What a refusal must leave as it was: everything."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import connection

from backend.core.refusals import Refusal

#: The packages whose tables are ours; the rest are Django's.
OURS = ("backend.", "media.", "social.")


def snapshot() -> set[tuple[str, str]]:
    """Every row of every table of ours, the event log and the marks of its readers among them; one statement."""
    tables = [model._meta.db_table for model in apps.get_models() if model.__module__.startswith(OURS)]
    # Names of our own tables, so nothing to inject.
    rows = " UNION ALL ".join(f"SELECT '{table}', to_jsonb(row)::text FROM {table} row" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(rows)
        return set(cursor.fetchall())


@contextmanager
def refused(refusal: type[Refusal], field: str | None = None) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """The block is refused, in just this way and for this field, and leaves no trace in any table."""
    before = snapshot()
    with pytest.raises(refusal) as answer:
        yield answer
    assert (type(answer.value), answer.value.field) == (refusal, field)
    assert snapshot() == before
