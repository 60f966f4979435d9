"""A canary in every column of every row that is somebody's: a word, a number or a moment that stands nowhere else."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction

from backend.boards.models import Task
from backend.communities.models import Community
from backend.core.holdings import holdings
from backend.projects.models import Project
from schema.opendata.models import VIEWS, OpenCommunity, OpenProject, OpenTask, OpenUpdate
from social.updates.models import Update

#: Words begin so, whole numbers end so, moments are of a year in which nothing happens here.
WORD = re.compile(r"kanari\d+", re.IGNORECASE)
NUMBER = re.compile(r"7357\d{5,6}")
YEAR = 2077
#: Rows of one holding that have them.
MOST = 12
MOMENT = re.compile(rf"{YEAR}-\d\d-\d\d")

_VIEW_OF = {Project: OpenProject, Update: OpenUpdate, Task: OpenTask, Community: OpenCommunity}
assert set(_VIEW_OF.values()) <= set(VIEWS)


def found_in(text: str) -> list[str]:
    """The canaries in a text."""
    return [match for each in (WORD, NUMBER, MOMENT) for match in each.findall(text)]


def plant() -> Counter[str]:
    """Put one into every personal column; answers how many were put into which: 0 for one that takes none, though it has
    rows that all may not see.
    """
    planted: Counter[str] = Counter()
    number = 0
    for holding in holdings():
        names = {name for name, told in holding.columns.items() if told.path is None} | set(holding.secrets)
        for name in sorted(names):
            column = holding.model._meta.get_field(name)
            label = f"{holding.model._meta.label}.{name}"
            for key in _rows(holding.model, name, holding.only):
                planted.setdefault(label, 0)
                number += 1
                planted[label] += _put(holding.model, column, key, number)
    return planted


def _rows(model: type[models.Model], name: str, only: models.Q) -> list[Any]:
    rows = model._base_manager.filter(only)
    view = _VIEW_OF.get(model)
    if view is not None and name in {column.name for column in view._meta.concrete_fields}:
        # What everybody may see of it is no secret; of all other rows it is.
        rows = rows.exclude(pk__in=view.objects.values("pk"))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:MOST])


def _put(model: type[models.Model], column: Any, key: Any, number: int) -> int:
    for value in _values(column, number):
        try:
            with transaction.atomic():
                model._base_manager.filter(pk=key).update(**{column.name: value})
                if _is_told(model, column.name, key):
                    # It would not be a draft any more: what decides whether all see it is then theirs to see.
                    raise ValueError
                # What is asked of a transaction at its end is asked now.
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            return 1
        except (DatabaseError, ValueError):
            continue
    return 0


def _is_told(model: type[models.Model], name: str, key: Any) -> bool:
    view = _VIEW_OF.get(model)
    is_shown = view is not None and view.objects.filter(pk=key).exists()
    return is_shown and name in {column.name for column in view._meta.concrete_fields}


def _values(column: Any, number: int) -> list[Any]:
    """What may be put into it, the likeliest first; none where nothing fits."""
    word = f"kanari{number}"
    if isinstance(column, ArrayField):
        return [[inner] for inner in _values(column.base_field, number)]
    kinds: list[tuple[type | tuple[type, ...], list[Any]]] = [
        (models.JSONField, [{"canary": word}]),
        (models.BinaryField, [word.encode()]),
        (models.EmailField, [f"{word}@example.org"]),
        (models.URLField, [f"https://{word}.example"]),
        # A hash is of hexadecimal digits, as many as it has.
        ((models.CharField, models.TextField), [word, f"{7_357_000_000 + number:064d}"]),
        (models.IntegerField, [735_700_000 + number]),
        (models.DateTimeField, [datetime(YEAR, 1 + number % 12, 1 + number % 28, tzinfo=UTC)]),
    ]
    return next((values for kind, values in kinds if isinstance(column, kind)), [])
