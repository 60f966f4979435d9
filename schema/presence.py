"""Who looks at a thing now, as the floor above knows it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from schema.subscriptions import presence_stream


def people_at(model: Any) -> Callable[[int], list[int]]:
    """The keys of those who look at a row of a model, by its key."""

    def people(pk: int) -> list[int]:
        known: Callable[[str], list[int]] = import_string(settings.PRESENCE)
        return known(presence_stream(model, pk))

    return people
