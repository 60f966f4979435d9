"""What the database itself refuses, whatever the code above it does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

#: Every constraint of every table of an app, by the name that PostgreSQL knows it by; foreign and primary keys apart.
_ALL = """
    SELECT conname FROM pg_constraint WHERE conrelid = ANY (%s::regclass[]) AND contype IN ('c', 'u', 'x')
    UNION
    SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = ANY (%s::regclass[]) AND indisunique AND NOT indisprimary
"""


def constraints_of(app_label: str) -> set[str]:
    """The names of an app's constraints, without those that keep a counter from falling below zero."""
    models_of = apps.get_app_config(app_label).get_models()
    # A proxy's table is another app's.
    tables = [model._meta.db_table for model in models_of if not model._meta.proxy]
    with connection.cursor() as cursor:
        cursor.execute(_ALL, [tables, tables])
        names = {name for (name,) in cursor.fetchall()}
    return names - {name for name, _ in counters_of(app_label)}


def counters_of(app_label: str) -> set[tuple[str, models.Field]]:
    """The columns of an app that can hold no negative number, each with the name of its constraint."""
    positive = (models.PositiveIntegerField, models.PositiveSmallIntegerField, models.PositiveBigIntegerField)
    return {
        (f"{model._meta.db_table}_{field.column}_check", field)
        for model in apps.get_app_config(app_label).get_models()
        for field in model._meta.local_fields
        if isinstance(field, positive)
    }


@contextmanager
def refused_by(name: str) -> Iterator[None]:
    """The database refuses the block by the constraint of this name, now or at the latest at the commit."""
    with pytest.raises(IntegrityError, match=rf'"{name}"'), transaction.atomic():
        yield


def assert_each_is_refused(app_label: str, attempts: dict[str, Callable[[], object]]) -> None:
    """Each attempt breaks the constraint that it is named after, and no constraint of the app is without an attempt."""
    assert set(attempts) == constraints_of(app_label)
    for name, attempt in attempts.items():
        with refused_by(name):
            attempt()
    for name, field in counters_of(app_label):
        row = field.model._base_manager.first()
        assert row is not None, f"no row to try {name} on"
        # Perhaps by another constraint first, that asks for more than a number from zero on.
        with pytest.raises(IntegrityError, match="violates check constraint"), transaction.atomic():
            field.model._base_manager.filter(pk=row.pk).update(**{field.name: -1})
