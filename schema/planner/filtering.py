"""A client's filter input and the domain's own FilterSet: the input's fields are the set's, name by name."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from strawberry.utils.str_converters import to_camel_case

from backend.core.refusals import Invalid
from schema.planner.arguments import Argument
from schema.planner.slots import Slot

#: What Django leaves out of a filter.
_NOTHING: tuple[Any, ...] = (None, "", [], (), {})


def filtered(
    filterset: type[django_filters.FilterSet], rows: QuerySet[Any], given: Argument, *, field: str = "filter"
) -> QuerySet[Any]:
    """The rows that a filter leaves, its values open. Raises `Invalid` for the field that does not hold.

    The FilterSet is asked once, with slots, while the plan is made; in each run its form fields clean what the client gave.
    """
    if given.now is None:
        return rows
    bound = filterset({}, queryset=rows)
    for name, each in bound.filters.items():
        clean = _cleaner(each, to_camel_case(name), field)
        if clean(given.now) not in _NOTHING:
            rows = each.filter(rows, Slot(given.then(clean).at, _kind(each)))
    return rows


def _cleaner(each: django_filters.Filter, name: str, field: str) -> Callable[[Any], Any]:
    def clean(given: dict[str, Any]) -> Any:
        value = given.get(name)
        if value is None:
            return None
        try:
            # A form reads texts.
            return each.field.clean(str(getattr(value, "value", value)))
        except ValidationError as problem:
            raise Invalid(f"{field}.{name}", " ".join(problem.messages)) from None

    return clean


def _kind(each: django_filters.Filter) -> str:
    return "bigint" if isinstance(each, django_filters.NumberFilter) else "text"
