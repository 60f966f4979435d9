"""Every row that a demo may write."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection

OURS = [model for model in apps.get_models() if model.__module__.startswith(("backend.", "social."))]
#: What is random on purpose.
SECRET = ("password", "last_login", "token_hash")


def tables(*, times: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Every row of ours; without times and secrets, for comparing two demos."""
    rows = {model.__name__: list(model._base_manager.order_by("pk").values()) for model in OURS}
    return rows if times else {name: [_timeless(row) for row in table] for name, table in rows.items()}


def empty_tables() -> None:
    """No rows, and ids from 1 again."""
    names = ", ".join(f'"{model._meta.db_table}"' for model in OURS)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


def _timeless(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in SECRET and not isinstance(value, datetime)}
