"""What the house holds of people: stated column by column in the `personal.py` of each domain, read here for all of them.

An export writes what is stated, an erasure does what is stated, and a test holds every column of every table to it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.module_loading import module_has_submodule

from backend.core.models import Row


class Fate(Enum):
    """What an erasure makes of a personal column."""

    DELETED = "its row is deleted"
    BLANKED = "it is emptied, and its row stays under the pseudonym"
    KEPT = "it stays under the pseudonym, because others need it"


@dataclass(frozen=True)
class Told:
    """A personal column: what its owner reads about it in an export, and its fate."""

    says: str
    fate: Fate
    #: Where the value is read, when not in the column itself: other people by their handles only.
    path: str | None = None


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Rows of one model that hold something of one person.

    `whose` is the lookup from a row to the person, `only` narrows the rows where not all of a model's share one fate.
    """

    #: The name of the file in an export; rows that are not exported (keys, secrets) have none.
    name: str = ""
    says: str = ""
    model: type[Model]
    whose: str
    only: Q = field(default_factory=Q)
    #: What is exported, and erased as it says.
    columns: Mapping[str, Told] = field(default_factory=dict)
    #: What is erased as it says, and never exported: a hash could only be stolen.
    secrets: Mapping[str, Fate] = field(default_factory=dict)
    #: There is one such row for each person: an object, and no list.
    single: bool = False
    #: In the transaction that closes the account: what must be gone at once. Raises a `Refusal` to forbid it.
    closing: Callable[[Any], None] | None = None
    #: The rest of the erasure, one bounded part in the transaction of whoever calls: a person's key, the most rows;
    #: answers how many rows it dealt with, 0 when nothing is left. Called again it goes on where it was.
    erase: Callable[[int, int], int] | None = None

    def of(self, person: int) -> QuerySet[Any]:
        """The rows that hold something of a person."""
        return self.model._base_manager.filter(self.only, **{self.whose: person})


@cache
def holdings() -> tuple[Holding, ...]:
    """Every holding, those first whose rows point at those of others: what is said goes before what it is said about."""
    return tuple(holding for module in _modules() for holding in module.HOLDINGS)


@cache
def not_personal() -> Mapping[type[Model], frozenset[str]]:
    """The columns that are stated to hold nothing of a person, by model."""
    return {model: frozenset(names) for module in _modules() for model, names in module.NOT_PERSONAL.items()}


def locked(rows: QuerySet[Row], most: int) -> list[Row]:
    """The first of these rows by key, locked in that order: so two that take several never wait in a circle."""
    return list(rows.order_by("pk").select_for_update(of=("self",))[:most])


def _modules() -> Iterator[Any]:
    for app in reversed(list(apps.get_app_configs())):
        if app.module is not None and module_has_submodule(app.module, "personal"):
            yield import_module(f"{app.name}.personal")
