"""What a refusal must leave as it was: everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps

from backend.core.refusals import Refusal

#: The packages whose tables are ours; the rest are Django's.
OURS = ("backend.", "media.", "social.")


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours, the event log and the marks of its readers among them."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model.__module__.startswith(OURS)
    }


@contextmanager
def refused(
    refusal: type[Refusal], field: str | None = None
) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """The block is refused, in just this way and for this field, and leaves no trace in any table."""
    before = snapshot()
    with pytest.raises(refusal) as answer:
        yield answer
    assert (type(answer.value), answer.value.field) == (refusal, field)
    assert snapshot() == before
