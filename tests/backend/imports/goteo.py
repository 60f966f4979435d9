"""Goteo's answers as the tests of the importer use them, and the tables that an import may or may not touch."""

import copy
import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command

DATA = Path(__file__).parent / "data"
LLEVAMEALHUERTO: dict[str, Any] = json.loads((DATA / "project.json").read_text())
LIST: dict[str, Any] = json.loads((DATA / "projects.json").read_text())


def project(**changes: Any) -> dict[str, Any]:
    """The real full document with other values; the keys in our spelling, `...` takes one away."""
    return _changed(LLEVAMEALHUERTO, changes)


def entry(**changes: Any) -> dict[str, Any]:
    """The real entry of a list about Nodo Móvil, with other values."""
    return _changed(LIST["items"][0], changes)


def listed(*entries: Any) -> dict[str, Any]:
    """The answer that is a list of these entries."""
    return {**LIST, "items": list(entries)}


def file(folder: Path, content: Any, name: str = "answer.json") -> Path:
    """A file with a document in it, or with these very bytes."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def imported(path: Path) -> str:
    """What the command prints; raises its `CommandError`."""
    out = StringIO()
    call_command("import_goteo", str(path), stdout=out)
    return out.getvalue()


def tables() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours."""
    ours = [model for model in apps.get_models() if model.__module__.startswith(("backend.", "social."))]
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in ours}


def _changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(document)
    for name, value in changes.items():
        key = name.replace("_", "-")
        if value is ...:
            made.pop(key, None)
        else:
            made[key] = value
    return made
