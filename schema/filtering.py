from typing import Any

import django_filters
from django.db.models import QuerySet

from backend.core.refusals import Invalid
from schema.mutations import given


def narrowed(
    filterset: type[django_filters.FilterSet], rows: QuerySet[Any], where: Any, *, field: str = "filter"
) -> QuerySet[Any]:
    """The rows that a client's filter input leaves, by the domain's own FilterSet. Raises `Invalid` for the field.

    The input's fields are the FilterSet's, name by name; a test holds the two together.
    """
    if where is None:
        return rows
    bound = filterset({name: str(value) for name, value in given(where).items()}, queryset=rows)
    if not bound.is_valid():
        name, problems = next(iter(bound.errors.items()))
        raise Invalid(f"{field}.{name}", " ".join(problems))
    narrowed_rows: QuerySet[Any] = bound.qs
    return narrowed_rows
