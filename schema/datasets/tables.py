"""Which tables are published, and what is said of their columns: what the views of `schema.opendata` say of themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from schema.opendata.models import VIEWS


class Kind(Enum):
    """A type of values: as Table Schema calls it, and as DuckDB does."""

    INTEGER = "integer", "BIGINT"
    NUMBER = "number", "DOUBLE"
    BOOLEAN = "boolean", "BOOLEAN"
    TEXT = "string", "VARCHAR"
    TEXTS = "array", "VARCHAR[]"
    DAY = "date", "DATE"
    MOMENT = "datetime", "TIMESTAMPTZ"

    @property
    def in_schema(self) -> str:
        """In a Table Schema."""
        return self.value[0]

    @property
    def in_parquet(self) -> str:
        """In DuckDB, which writes Parquet."""
        return self.value[1]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind
    says: str
    #: Never empty. Of a text that may be empty this is not said: CSV knows no difference between that and nothing.
    is_required: bool
    #: The only values there are; empty where there are others.
    choices: tuple[str, ...]
    #: The table whose key it holds.
    points_at: str | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its files are called by its name."""

    name: str
    says: str
    view: str
    key: str
    columns: tuple[Column, ...]


@cache
def tables() -> tuple[Table, ...]:
    """All tables, those first that others point at. Raises `TypeError` for a column of a type that has no `Kind`."""
    return tuple(_table(view) for view in VIEWS)


#: What a view is called in files; a new one that has no name here is found missing by a test, and by whoever publishes.
_NAMES = {
    "opendata_community": "communities",
    "opendata_project": "projects",
    "opendata_update": "updates",
    "opendata_task": "tasks",
    "opendata_contribution": "contributions",
    "opendata_tag": "tags",
    "opendata_month": "monthly_stats",
}
_KINDS: dict[type[Any], Kind] = {
    models.BooleanField: Kind.BOOLEAN,
    models.IntegerField: Kind.INTEGER,
    models.FloatField: Kind.NUMBER,
    models.CharField: Kind.TEXT,
    models.TextField: Kind.TEXT,
    models.DateTimeField: Kind.MOMENT,
    models.DateField: Kind.DAY,
}


def _table(view: type[models.Model]) -> Table:
    options = view._meta
    return Table(
        name=_NAMES[options.db_table],
        says=view.__doc__ or "",
        view=options.db_table,
        key=str(options.pk.column),
        columns=tuple(_columns(view)),
    )


def _columns(view: type[models.Model]) -> Iterator[Column]:
    for field in view._meta.concrete_fields:
        kind = _kind(field)
        choices = tuple(str(value) for value, _ in field.flatchoices)
        is_text_that_may_be_empty = (
            kind is Kind.TEXT
            and not choices
            and not field.primary_key
            and not isinstance(field, models.SlugField)
        )
        yield Column(
            name=str(field.column),
            kind=kind,
            says=str(field.help_text) or ("Its number." if field.primary_key else ""),
            is_required=not field.null and not is_text_that_may_be_empty,
            choices=choices,
            points_at=_NAMES[field.related_model._meta.db_table] if field.related_model else None,
        )


def _kind(field: Any) -> Kind:
    if field.related_model:
        return _kind(field.target_field)
    if isinstance(field, ArrayField) and _kind(field.base_field) is Kind.TEXT:
        return Kind.TEXTS
    for known, kind in _KINDS.items():
        if isinstance(field, known):
            return kind
    raise TypeError(f"{field}: what is published has no such type yet")
